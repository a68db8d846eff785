// SPDX-License-Identifier: MIT
// Opening and closing by the VXI-11 driver.
#include "drivers/vxi11/vxi11_driver.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_vxi11.h"
#include "conformance/unit/support/once_within.h"

namespace visa::test {
namespace {

Settings mapper_of(const FakeInstrument& instrument) {
  return {{"portmapper_port", std::int64_t{instrument.portmapper_port()}}};
}

/// What opening `instrument` says.
struct Opening {
  Status status;
  std::string detail;
};

Opening open_it(const FakeInstrument& instrument, milliseconds timeout = kLong,
                Settings settings = {}, const std::string& device = "inst0") {
  settings.merge(mapper_of(instrument));
  Call call(Deadline::after(timeout));
  auto channel = open_vxi11(vxi11_name("127.0.0.1", device), call, settings);
  if (channel) (*channel)->close(call);
  return {channel.status(), call.detail};
}

TEST(Vxi11Driver, FitsInstrumentsWithoutHislipAndNothingElse) {  // 4.3.6 to 4.3.8
  const auto driver = drivers::make_vxi11_driver();
  EXPECT_EQ(driver->name(), "vxi11");
  model::ResourceName name;
  for (unsigned kind = 0; kind < model::kKindCount; ++kind) {
    name.kind = static_cast<model::Kind>(kind);
    const bool mine = name.kind == model::Kind::tcpip_vxi11;
    EXPECT_EQ(driver->kinds().contains(name.kind), mine);
  }
  const auto serves = [&](std::string_view text) {
    return driver->kinds().contains(model::parse_resource_name(text)->kind);
  };
  EXPECT_TRUE(serves("TCPIP::192.0.2.1::INSTR"));
  EXPECT_TRUE(serves("TCPIP::192.0.2.1::inst7::INSTR"));
  EXPECT_TRUE(serves("TCPIP::192.0.2.1::gpib0,5,2::INSTR"));
  EXPECT_FALSE(serves("TCPIP::192.0.2.1::hislip0::INSTR"));
  EXPECT_FALSE(serves("TCPIP::192.0.2.1::5025::SOCKET"));
}

// Two benches of one computer, or two instruments behind one address, share no lock.
TEST(Vxi11Driver, AnotherPortOfAHostIsAnotherInstrument) {
  const auto key = [](const Settings& settings) {
    Call call(Deadline::after(kLong));
    const auto name = vxi11_name("127.0.0.1", "inst0");
    return drivers::make_vxi11_driver()->identify({name, settings, {}}, call)->key;
  };
  const std::string plain = key({});
  EXPECT_EQ(plain, vxi11_name("127.0.0.1", "inst0").key());
  EXPECT_EQ(key({{"portmapper_port", std::int64_t{111}}}), plain);
  const std::string core = key({{"core_port", std::int64_t{1024}}});
  EXPECT_NE(core, plain);
  EXPECT_NE(core, key({{"core_port", std::int64_t{1025}}}));
  EXPECT_NE(key({{"portmapper_port", std::int64_t{1024}}}), plain);
  Call call(Deadline::after(kLong));
  const Settings wrong = {{"core_port", std::int64_t{-1}}};
  const auto name = vxi11_name("127.0.0.1", "inst0");
  EXPECT_EQ(drivers::make_vxi11_driver()->identify({name, wrong, {}}, call).status(),
            Status::error_inv_setup);
}

// With port 111 refused the text names SOCKET and HiSLIP, and says so where this build cannot open
// HiSLIP.
TEST(Vxi11Driver, WhereNoPortmapperIsTheOtherNamesAreTold) {
  const LoopbackServer refuses(AF_INET, -1);
  const Settings settings = {{"portmapper_port", std::int64_t{refuses.endpoint().port()}}};
  const auto said = [&](const model::ResourceName& name, model::KindSet openable) {
    Call call(Deadline::after(kLong));
    const auto opened = drivers::make_vxi11_driver()->open({name, settings, {}, openable}, call);
    EXPECT_EQ(opened.status(), Status::error_rsrc_nfound);
    EXPECT_LE(call.detail.size(), 230u) << call.detail;  // with VI_ERROR_RSRC_NFOUND before it: 256
    return call.detail;
  };
  const std::string here = said(vxi11_name("127.0.0.1", "inst0"), model::Kind::tcpip_socket);
  EXPECT_NE(
      here.find("connection refused; no VXI-11? Try TCPIP::127.0.0.1::5025::SOCKET (raw port) "
                "or TCPIP::127.0.0.1::hislip0::INSTR (HiSLIP: no driver in this build)"),
      std::string::npos)
      << here;
  const std::string with = said(vxi11_name("127.0.0.1", "inst0"), model::Kind::tcpip_hislip);
  EXPECT_TRUE(with.ends_with("::hislip0::INSTR (HiSLIP)")) << with;
  const std::string other =
      said(vxi11_name("a-very-long-name-of-a-computer.localhost", "inst0"), {});
  EXPECT_NE(other.find("TCPIP::<host>::5025::SOCKET"), std::string::npos) << other;
}

TEST(Vxi11Driver, InitialAttributesAndIdleTimeComeBeforeTheConnection) {
  OpenVxi11 device({}, {{"keepalive_idle_s", std::int64_t{17}}},
                   {{VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}}});
  EXPECT_EQ(option_of(device.instrument.core_port(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(device.instrument.core_port(), IPPROTO_TCP, TCP_KEEPIDLE), 17);
}

TEST(Vxi11Driver, LinkIsMadeWithoutALockAndEndedAtClose) {
  OpenVxi11 device;
  const auto made = device.instrument.seen(kCreateLink);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].word(1), 0u);  // lockDevice: some instruments mishandle it
  EXPECT_EQ(made[0].word(2), 0u);
  EXPECT_EQ(made[0].opaque(3), "inst0");
  device.close();
  EXPECT_TRUE(device.instrument.wait_until_closed());
  const auto ended = device.instrument.seen(kDestroyLink);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].word(0), FakeInstrument::kLink);
}

TEST(Vxi11Driver, DeviceNamesGoToTheInstrumentAsTheyAre) {
  for (const std::string name : {"inst3", "gpib0", "gpib0,5", "gpib0,5,2", "usb0[1::2::3::0]"}) {
    FakeInstrument instrument;
    EXPECT_EQ(open_it(instrument, kLong, {}, name).status, Status::success);
    EXPECT_EQ(instrument.seen(kCreateLink).at(0).opaque(3), name);
  }
  FakeInstrument instrument;
  EXPECT_EQ(open_it(instrument, kLong, {}, "").status, Status::success);
  EXPECT_EQ(instrument.seen(kCreateLink).at(0).opaque(3), "inst0");
}

TEST(Vxi11Driver, ADeviceThatTheInstrumentDoesNotKnowIsQuoted) {
  FakeInstrument instrument;
  instrument.next(kCreateLink, {.words = {1, 0, 0, 0}});
  const Opening known = open_it(instrument, kLong, {}, "inst7");
  EXPECT_EQ(known.status, Status::error_inv_rsrc_name);
  EXPECT_EQ(known.detail.find("device name \"inst7\": 127.0.0.1 port "), 0u) << known.detail;
  EXPECT_TRUE(known.detail.ends_with("expected one that it has, such as inst0 or gpib0,5"))
      << known.detail;
  instrument.next(kCreateLink, {.words = {1, 0, 0, 0}});
  const Opening longest = open_it(instrument, kLong, {}, "inst" + std::string(210, 'x'));
  EXPECT_EQ(longest.status, Status::error_inv_rsrc_name);
  EXPECT_LE(longest.detail.size(), 230u) << longest.detail;
}

TEST(Vxi11Driver, EveryErrorOfCreateLinkIsOneOfViOpen) {
  const std::pair<std::uint32_t, Status> kExpected[] = {
      {1, Status::error_inv_rsrc_name}, {3, Status::error_rsrc_nfound},
      {4, Status::error_system_error},  {5, Status::error_inv_rsrc_name},
      {8, Status::error_nsup_oper},     {9, Status::error_alloc},
      {11, Status::error_rsrc_locked},  {15, Status::error_tmo},
      {17, Status::error_rsrc_nfound},  {21, Status::error_rsrc_nfound},
      {2, Status::error_system_error},  {1234, Status::error_system_error}};
  for (const auto& [error, status] : kExpected) {
    FakeInstrument instrument;
    instrument.next(kCreateLink, {.words = {error, 0, 0, 0}});
    const Opening opening = open_it(instrument);
    EXPECT_EQ(opening.status, status) << error;
    EXPECT_NE(opening.detail.find("error " + std::to_string(error)), std::string::npos);
    EXPECT_TRUE(instrument.wait_until_closed());
    EXPECT_EQ(instrument.count(kDestroyLink), 0u);
  }
}

TEST(Vxi11Driver, BrokenCreateLinkIsNoConnLostAndNoIo) {
  for (const Answer& answer :
       {Answer{.closes = true, .stalls_at = 0}, Answer{.words = {0}}, Answer{.accept_status = 1},
        Answer{.denied = true}, Answer{.accept_status = 99}}) {
    FakeInstrument instrument;
    instrument.next(kCreateLink, answer);
    const Opening opening = open_it(instrument);
    EXPECT_EQ(opening.status, Status::error_rsrc_nfound) << opening.detail;
  }
}

// The text advised to close the session and open it again; there is none.
TEST(Vxi11Driver, ConnectionThatEndsInsteadOfALinkIsSaidSo) {
  FakeInstrument instrument;
  instrument.next(kCreateLink, {.closes = true, .stalls_at = 0});
  const Opening opening = open_it(instrument);
  EXPECT_EQ(opening.status, Status::error_rsrc_nfound);
  EXPECT_NE(opening.detail.find("ended the connection instead of giving a link"), std::string::npos)
      << opening.detail;
  EXPECT_EQ(opening.detail.find("close this session"), std::string::npos) << opening.detail;
}

TEST(Vxi11Driver, SilentInstrumentIsATimeoutOfTheOpen) {  // pain 33
  EXPECT_TRUE(once_within(milliseconds(400), [] {
    FakeInstrument instrument;
    instrument.next(kCreateLink, {.silent = true});
    Opening opening;
    const milliseconds took = time_of([&] { opening = open_it(instrument, milliseconds(200)); });
    EXPECT_EQ(opening.status, Status::error_tmo);
    EXPECT_GE(took, milliseconds(200));
    EXPECT_TRUE(instrument.wait_until_closed());
    return took;
  }));
}

TEST(Vxi11Driver, PortmapperIsAskedByTcpWhereUdpIsSilent) {
  FakeInstrument instrument;
  instrument.udp_answers = false;
  EXPECT_EQ(open_it(instrument, milliseconds(1500)).status, Status::success);
}

TEST(Vxi11Driver, PortmapperByUdpAloneIsEnough) {
  FakeInstrument instrument;
  instrument.tcp_answers = false;
  EXPECT_EQ(open_it(instrument).status, Status::success);
}

TEST(Vxi11Driver, ProgramThatIsNotRegisteredIsNotFound) {
  FakeInstrument instrument;
  instrument.registered = false;
  const Opening by_udp = open_it(instrument);
  EXPECT_EQ(by_udp.status, Status::error_rsrc_nfound);
  EXPECT_NE(by_udp.detail.find("no such service"), std::string::npos);
  instrument.udp_answers = false;
  EXPECT_EQ(open_it(instrument, milliseconds(1500)).status, Status::error_rsrc_nfound);
}

TEST(Vxi11Driver, HostWithoutPortmapperIsNotFoundAtOnce) {
  const RefusedPort nobody;
  Call call(Deadline::after(kLong));
  const milliseconds took = time_of([&] {
    EXPECT_EQ(open_vxi11(vxi11_name("127.0.0.1"), call,
                         {{"portmapper_port", std::int64_t{nobody.port()}}})
                  .status(),
              Status::error_rsrc_nfound);
  });
  EXPECT_LT(took, kLong);
  EXPECT_NE(call.detail.find("portmapper"), std::string::npos);
}

TEST(Vxi11Driver, SilentPortmapperIsATimeout) {
  FakeInstrument instrument;
  instrument.udp_answers = false;
  const LoopbackServer silent;  // takes connections and says nothing
  Call call(Deadline::after(milliseconds(400)));
  EXPECT_EQ(
      open_vxi11(vxi11_name("127.0.0.1"), call, {{"portmapper_port", std::int64_t{silent.port()}}})
          .status(),
      Status::error_tmo);
}

TEST(Vxi11Driver, ConfiguredPortsSkipThePortmapper) {  // pain 26
  FakeInstrument instrument;
  instrument.abort_port = 1;  // as an instrument behind NAT sees itself
  const RefusedPort nobody;
  const Settings settings{{"core_port", std::int64_t{instrument.core_port()}},
                          {"abort_port", std::int64_t{instrument.abort_listener()}},
                          {"portmapper_port", std::int64_t{nobody.port()}}};
  Call call(Deadline::after(kLong));
  auto channel = open_vxi11(vxi11_name("127.0.0.1"), call, settings);
  ASSERT_TRUE(channel) << call.detail;
  instrument.next(kDeviceRead, {.silent = true});
  std::byte byte{};
  Call read(Deadline::after(milliseconds(50)));
  EXPECT_EQ((*channel)->read({&byte, 1}, {}, read).status, Status::error_tmo);
  EXPECT_TRUE(instrument.wait_for(kDeviceAbort));
  (*channel)->close(call);
}

TEST(Vxi11Driver, ReachesIpv6Addresses) {
  if (!have_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  FakeInstrument instrument(AF_INET6);
  Call call(Deadline::after(kLong));
  auto channel = open_vxi11(vxi11_name("::1"), call, mapper_of(instrument));
  ASSERT_TRUE(channel) << call.detail;
  EXPECT_EQ(text_of(**channel, VI_ATTR_TCPIP_ADDR), "::1");
  (*channel)->close(call);
}

TEST(Vxi11Driver, CancelledOpenComesBack) {
  FakeInstrument instrument;
  instrument.udp_answers = false;
  Call call(Deadline::after(kLong));
  call.cancel();
  EXPECT_EQ(open_vxi11(vxi11_name("127.0.0.1"), call, mapper_of(instrument)).status(),
            Status::error_abort);
}

TEST(Vxi11Driver, CredentialsStayAtHome) {
  auto name = vxi11_name("127.0.0.1");
  name.has_credential = true;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(open_vxi11(name, call).status(), Status::error_nsup_oper);
}

TEST(Vxi11Driver, EightyCyclesOfOpenAndCloseLeaveNothing) {
  FakeInstrument instrument;
  const auto descriptors = [] {
    int count = 0;
    for (int fd = 0; fd < 512; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
  };
  ASSERT_EQ(open_it(instrument).status, Status::success);
  for (int i = 0; i < 80; ++i) ASSERT_EQ(open_it(instrument).status, Status::success) << i;
  EXPECT_TRUE(instrument.wait_for(kDestroyLink, 81));
  EXPECT_EQ(instrument.count(kCreateLink), 81u);
  EXPECT_LT(descriptors(), 64);
}

}  // namespace
}  // namespace visa::test
