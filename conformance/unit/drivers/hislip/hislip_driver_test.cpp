// SPDX-License-Identifier: MIT
// Opening, step by step, and everything that can go wrong in it.
#include "drivers/hislip/hislip_driver.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_hislip.h"

namespace visa::test {
namespace {

TEST(HislipDriver, InitializesBothConnections) {
  OpenHislip device;
  EXPECT_EQ(device.ends.initialize.type, MessageType::initialize);
  EXPECT_EQ(device.ends.initialize.parameter >> 16U, 0x0200U) << "our version";
  EXPECT_EQ(device.ends.initialize.payload, "hislip0");
  EXPECT_EQ(device.ends.async_initialize.type, MessageType::async_initialize);
  EXPECT_EQ(device.ends.async_initialize.parameter, kSessionId);
  EXPECT_EQ(device.ends.size.type, MessageType::async_maximum_message_size);
}

TEST(HislipDriver, TheLowerVersionHolds) {
  const std::pair<std::uint16_t, std::uint32_t> kVersions[] = {
      {0x0100, 0x00100000}, {0x0101, 0x00100100}, {0x0200, 0x00200000}, {0x0300, 0x00200000}};
  for (const auto& [theirs, wanted] : kVersions) {
    OpenHislip device({.version = theirs});
    EXPECT_EQ(number_of(*device.channel, VI_ATTR_TCPIP_HISLIP_VERSION), wanted);
  }
}

TEST(HislipDriver, InitialAttributesAreAppliedWhenTheSessionIsMade) {
  LoopbackServer server;
  auto greeted = std::async(std::launch::async, [&] {
    Ends ends = greet(server, {.features = 1});
    put(ends.async, {MessageType::async_device_clear_acknowledge});
    put(ends.sync, {MessageType::device_clear_acknowledge});
    return ends;
  });
  Call call(Deadline::after(kLong));
  auto opened = open_hislip(hislip_name(server.port(), "hislip3"), call, {},
                            {{VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB, std::uint64_t{4}},
                             {VI_ATTR_TCPIP_HISLIP_OVERLAP_EN, std::uint64_t{0}},
                             {VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{1}}});
  ASSERT_TRUE(opened) << call.detail;
  const Ends ends = greeted.get();
  EXPECT_EQ(ends.initialize.payload, "hislip3");
  EXPECT_EQ(ends.size.payload, std::string("\0\0\0\0\0\0\x10\0", 8));
  EXPECT_EQ(number_of(**opened, VI_ATTR_TCPIP_HISLIP_MAX_MESSAGE_KB), 4U);
  EXPECT_EQ(number_of(**opened, VI_ATTR_TCPIP_HISLIP_OVERLAP_EN), 0U);
  EXPECT_EQ(number_of(**opened, VI_ATTR_TCPIP_KEEPALIVE), 1U);
  (*opened)->close(call);
}

// What viOpen says of an instrument that does `part` and then no more.
struct Opened {
  Status status;
  std::string detail;
};
Opened open_against(const std::function<void(const LoopbackServer&)>& part,
                    milliseconds timeout = milliseconds(200)) {
  LoopbackServer server;
  auto played = std::async(std::launch::async, [&] { part(server); });
  Call call(Deadline::after(timeout));
  const auto opened = open_hislip(hislip_name(server.port(), "hislip7"), call);
  EXPECT_FALSE(opened);
  played.get();
  return {opened.status(), call.detail};
}

TEST(HislipDriver, SilenceAtAnyStepEndsAtTheDeadline) {  // pain 23
  PeerEnd kept[2];
  const Opened first =
      open_against([&](const LoopbackServer& server) { kept[0] = server.accept(); });
  EXPECT_EQ(first.status, Status::error_tmo);
  EXPECT_NE(first.detail.find("\"hislip7\""), std::string::npos) << first.detail;
  const auto initialize = [&](const LoopbackServer& server) {
    kept[0] = server.accept();
    take(kept[0]);
    put(kept[0], {MessageType::initialize_response, 0, 0x01000001});
    kept[1] = server.accept();
    take(kept[1]);
  };
  EXPECT_EQ(open_against(initialize).status, Status::error_tmo);
  EXPECT_EQ(open_against([&](const LoopbackServer& server) {
              initialize(server);
              put(kept[1], {MessageType::async_initialize_response});
            }).status,
            Status::error_tmo);
}

TEST(HislipDriver, AFatalErrorIsNotFoundWithTheInstrumentsReason) {
  for (const auto code : {std::uint8_t{0}, std::uint8_t{3}, std::uint8_t{4}, std::uint8_t{129}}) {
    PeerEnd kept;
    const Opened opened = open_against(
        [&](const LoopbackServer& server) {
          kept = server.accept();
          take(kept);
          put(kept, {MessageType::fatal_error, code, 0, "no hislip7 here"});
          kept.close();
        },
        kLong);
    EXPECT_EQ(opened.status, Status::error_rsrc_nfound);
    EXPECT_NE(opened.detail.find("no hislip7 here"), std::string::npos) << opened.detail;
  }
}

TEST(HislipDriver, AServerThatClosesOrSpeaksOtherwiseIsNotFound) {
  PeerEnd kept;
  EXPECT_EQ(open_against(
                [&](const LoopbackServer& server) {
                  kept = server.accept();
                  take(kept);
                  kept.close();
                },
                kLong)
                .status,
            Status::error_rsrc_nfound);
  EXPECT_EQ(open_against(
                [&](const LoopbackServer& server) {
                  kept = server.accept();
                  take(kept);
                  kept.send("SSH-2.0-OpenSSH_9.2p1\r\n");
                },
                kLong)
                .status,
            Status::error_rsrc_nfound);
}

TEST(HislipDriver, AnInstrumentThatAgreesOnNoMessageSizeIsOpened) {
  LoopbackServer server;
  PeerEnd kept[2];
  auto played = std::async(std::launch::async, [&] {
    kept[0] = server.accept();
    take(kept[0]);
    put(kept[0], {MessageType::initialize_response, 0, 0x01000001});
    kept[1] = server.accept();
    take(kept[1]);
    put(kept[1], {MessageType::async_initialize_response});
    take(kept[1]);
    put(kept[1], {MessageType::error, 1});
  });
  Call call(Deadline::after(kLong));
  const auto opened = open_hislip(hislip_name(server.port()), call);
  played.get();
  EXPECT_TRUE(opened) << call.detail;
}

TEST(HislipDriver, ACredentialThatIsNotConfiguredIsSaidPlainly) {
  auto name = hislip_name(4880);
  name.has_credential = true;
  name.credential = "lab";
  Call call(Deadline::after(kLong));
  EXPECT_EQ(open_hislip(name, call).status(), Status::error_npermission);
  EXPECT_NE(call.detail.find("name = \"lab\""), std::string::npos) << call.detail;
}

TEST(HislipDriver, ACredentialMakesNoOtherInstrument) {
  const auto plain = hislip_name(4880);
  auto secure = plain;
  secure.has_credential = true;
  secure.credential = "lab";
  const spi::Settings settings;
  const InitialAttributes none;
  Call call(Deadline::immediate());
  const auto driver = drivers::make_hislip_driver();
  const auto one = driver->identify({plain, settings, none}, call);
  const auto other = driver->identify({secure, settings, none}, call);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(one->key, other->key) << "they share their locks";
}

TEST(HislipDriver, NobodyThereIsNotFound) {
  const RefusedPort refused;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(open_hislip(hislip_name(refused.port()), call).status(), Status::error_rsrc_nfound);
}

TEST(HislipDriver, WorksOverIpv6) {
  if (!have_ipv6()) GTEST_SKIP() << "this machine has no IPv6 loopback";
  LoopbackServer server(AF_INET6);
  auto greeted = std::async(std::launch::async, [&] { return greet(server, {}); });
  Call call(Deadline::after(kLong));
  auto opened = open_hislip(hislip_name(server.port(), "hislip0", "::1"), call);
  ASSERT_TRUE(opened) << call.detail;
  EXPECT_EQ(text_of(**opened, VI_ATTR_TCPIP_ADDR), "::1");
}

}  // namespace
}  // namespace visa::test
