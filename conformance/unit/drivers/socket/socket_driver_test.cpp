// SPDX-License-Identifier: MIT
// Opening, settings, attributes and buffers of the SOCKET driver.
#include "drivers/socket/socket_driver.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <set>

#include "conformance/unit/drivers/support/channel_probe.h"
#include "conformance/unit/drivers/support/open_socket.h"
#include "drivers/socket/socket_channel.h"
#include "lib/model/attribute.h"
#include "lib/model/attribute_table.h"

namespace visa::test {
namespace {

TEST(SocketDriver, FitsSocketsAndNothingElse) {
  const auto driver = drivers::make_socket_driver();
  EXPECT_EQ(driver->name(), "socket");
  model::ResourceName name;
  for (unsigned kind = 0; kind < model::kKindCount; ++kind) {
    name.kind = static_cast<model::Kind>(kind);
    const bool mine = name.kind == model::Kind::tcpip_socket;
    EXPECT_EQ(driver->kinds().contains(name.kind), mine);
  }
}

TEST(SocketDriver, BindsExactlyTheAttributesTheTableGivesToTheDriver) {
  std::set<ViAttr> wanted;
  for (const model::Attribute& row : model::attribute_table()) {
    if (row.kinds.contains(model::Kind::tcpip_socket) && row.home == model::Home::driver) {
      wanted.insert(row.id);
    }
  }
  std::set<ViAttr> bound;
  for (const auto& binding : drivers::SocketChannel::bindings()) {
    EXPECT_TRUE(bound.insert(binding.id).second);
    const auto* row = model::find_attribute(binding.id, model::Kind::tcpip_socket);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(binding.set != nullptr, model::writable(*row));
  }
  EXPECT_EQ(bound, wanted);
}

TEST(SocketDriver, AddressSessionKnowsAddressAndPortAndNoName) {
  OpenSocket socket;
  EXPECT_EQ(text_of(*socket.channel, VI_ATTR_TCPIP_ADDR), "127.0.0.1");
  EXPECT_EQ(text_of(*socket.channel, VI_ATTR_TCPIP_HOSTNAME), "");
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_PORT), socket.port());
}

TEST(SocketDriver, NamedSessionKnowsItsName) {
  const LoopbackServer server;
  Call call(Deadline::after(kLong));
  const auto channel = open_channel(socket_name("localhost", server.port()), call);
  ASSERT_TRUE(channel) << call.detail;
  EXPECT_EQ(text_of(**channel, VI_ATTR_TCPIP_ADDR), "127.0.0.1");
  EXPECT_EQ(text_of(**channel, VI_ATTR_TCPIP_HOSTNAME), "localhost");
  (*channel)->close(call);
}

TEST(SocketDriver, ReachesIpv6Addresses) {
  if (!have_ipv6()) GTEST_SKIP() << "no IPv6 loopback on this machine";
  const LoopbackServer server(AF_INET6);
  Call call(Deadline::after(kLong));
  const auto channel = open_channel(socket_name("::1", server.port()), call);
  ASSERT_TRUE(channel) << call.detail;
  EXPECT_EQ(text_of(**channel, VI_ATTR_TCPIP_ADDR), "::1");
  EXPECT_EQ(text_of(**channel, VI_ATTR_TCPIP_HOSTNAME), "");
  (*channel)->close(call);
}

TEST(SocketDriver, NodelayIsOnAndKeepaliveOffUntilTheAttributesSayOtherwise) {
  OpenSocket socket;
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_NODELAY), 1u);
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_KEEPALIVE), 0u);
  EXPECT_NE(option_of(socket.port(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(socket.port(), SOL_SOCKET, SO_KEEPALIVE), 0);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(socket.channel->set_attribute(VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}, call),
            Status::success);
  EXPECT_EQ(socket.channel->set_attribute(VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{1}, call),
            Status::success);
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_NODELAY), 0u);
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_KEEPALIVE), 1u);
  EXPECT_EQ(option_of(socket.port(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(socket.port(), SOL_SOCKET, SO_KEEPALIVE), 1);
}

TEST(SocketDriver, ReadOnlyAndForeignAttributesAreRefused) {
  OpenSocket socket;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(socket.channel->set_attribute(VI_ATTR_TCPIP_PORT, std::uint64_t{1}, call),
            Status::error_attr_readonly);
  EXPECT_EQ(socket.channel->get_attribute(VI_ATTR_ASRL_BAUD, call).status(),
            Status::error_nsup_attr);
}

TEST(SocketDriver, InitialAttributesCountBeforeTheConnection) {
  OpenSocket socket(
      {}, {{VI_ATTR_TCPIP_NODELAY, std::uint64_t{0}}, {VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{1}}});
  EXPECT_EQ(number_of(*socket.channel, VI_ATTR_TCPIP_NODELAY), 0u);
  EXPECT_EQ(option_of(socket.port(), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(socket.port(), SOL_SOCKET, SO_KEEPALIVE), 1);
}

TEST(SocketDriver, SettingsReachTheSocket) {
  OpenSocket socket({{"keepalive_idle_s", std::int64_t{30}},
                     {"receive_buffer", std::int64_t{40000}},
                     {"send_buffer", std::int64_t{50000}}},
                    {{VI_ATTR_TCPIP_KEEPALIVE, std::uint64_t{1}}});
  EXPECT_EQ(option_of(socket.port(), IPPROTO_TCP, TCP_KEEPIDLE), 30);
  EXPECT_EQ(option_of(socket.port(), IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option_of(socket.port(), SOL_SOCKET, SO_RCVBUF), 80000);
  EXPECT_EQ(option_of(socket.port(), SOL_SOCKET, SO_SNDBUF), 100000);
}

TEST(SocketDriver, SettingThatCannotBeMeantFailsTheOpenByName) {
  const std::vector<std::pair<std::string, spi::Setting>> bad = {
      {"keepalive_idle_s", std::int64_t{0}},   {"keepalive_idle_s", std::int64_t{40000}},
      {"keepalive_idle_s", std::string("10")}, {"drain_before_write", std::int64_t{1}},
      {"receive_buffer", std::int64_t{-1}},    {"send_buffer", 1.5},
  };
  for (const auto& [key, value] : bad) {
    Call call(Deadline::after(kLong));
    const auto opened = open_channel(socket_name("127.0.0.1", 9), call, {{key, value}});
    EXPECT_EQ(opened.status(), Status::error_inv_setup);
    EXPECT_NE(call.detail.find(key), std::string::npos) << call.detail;
  }
}

TEST(SocketDriver, KnowsItsSettingKeysAndLeavesOthersAlone) {
  const auto keys = drivers::make_socket_driver()->setting_keys();
  EXPECT_NE(std::find(keys.begin(), keys.end(), "drain_before_write"), keys.end());
  EXPECT_EQ(keys.size(), 5u);
  const OpenSocket socket({{"dtr", false}});
  EXPECT_NE(socket.channel, nullptr);
}

TEST(SocketDriver, DrainBeforeWriteDropsTheAnswerThatCameTooLate) {
  OpenSocket socket({{"drain_before_write", true}});
  EXPECT_FALSE(socket.channel->traits().duplex);
  socket.peer.send("too late\n");
  EXPECT_EQ(socket.write("NEXT?\n").status, Status::success);
  EXPECT_EQ(socket.peer.receive(6), "NEXT?\n");
  socket.peer.send("right\n");
  EXPECT_EQ(socket.read(100, line_rule()).data, "right\n");
}

TEST(SocketDriver, DrainBeforeWriteLeavesAnUnfinishedMessageAlone) {
  OpenSocket socket({{"drain_before_write", true}});
  Call call(Deadline::after(kLong));
  ASSERT_EQ(socket.channel->write(bytes("A?;"), spi::WriteEnd::none, call).count, 3u);
  socket.peer.send("a\n");
  ASSERT_EQ(socket.channel->write(bytes("B?\n"), spi::WriteEnd::end, call).count, 3u);
  EXPECT_EQ(socket.read(100, line_rule()).data, "a\n");
}

TEST(SocketDriver, WithoutTheSettingAWriteDropsNothing) {
  OpenSocket socket;
  socket.peer.send("kept\n");
  EXPECT_EQ(socket.write("NEXT?\n").status, Status::success);
  EXPECT_EQ(socket.read(100, line_rule()).data, "kept\n");
}

TEST(SocketDriver, RefusedPortIsNotFoundAndSaysWhatToDo) {
  const RefusedPort refused;
  Call call(Deadline::after(kLong));
  const auto opened = open_channel(socket_name("127.0.0.1", refused.port()), call);
  EXPECT_EQ(opened.status(), Status::error_rsrc_nfound);
  EXPECT_EQ(call.detail, "127.0.0.1 port " + std::to_string(refused.port()) +
                             ": connection refused; is the instrument on and its socket server "
                             "enabled?");
}

TEST(SocketDriver, NameWithACredentialIsNeverOpenedInTheClear) {
  const LoopbackServer server;
  auto name = socket_name("127.0.0.1", server.port());
  name.has_credential = true;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(open_channel(name, call).status(), Status::error_nsup_oper);
}

TEST(SocketDriver, FailedOpenLeavesNoDescriptor) {
  const auto open_descriptors = [] {
    int count = 0;
    for (int fd = 0; fd < 1024; ++fd) count += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return count;
  };
  const RefusedPort refused;
  const int before = open_descriptors();
  for (int i = 0; i < 10; ++i) {
    Call call(Deadline::after(kLong));
    EXPECT_FALSE(open_channel(socket_name("127.0.0.1", refused.port()), call));
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(SocketBuffers, DiscardInputDropsWhatWasReceived) {
  OpenSocket socket;
  auto* buffers = socket.channel->facets().buffers;
  ASSERT_NE(buffers, nullptr);
  socket.peer.send("old\nold");
  EXPECT_EQ(socket.read(100, line_rule()).data, "old\n");
  Call call(Deadline::after(kLong));
  EXPECT_EQ(buffers->discard_input(call), Status::success);
  EXPECT_EQ(buffers->discard_input(call), Status::success) << "of an empty buffer";
  socket.peer.send("new\n");
  EXPECT_EQ(socket.read(100, line_rule()).data, "new\n");
}

TEST(SocketBuffers, OutputIsNeverHeldBack) {
  OpenSocket socket;
  auto* buffers = socket.channel->facets().buffers;
  ASSERT_EQ(socket.write("gone\n").count, 5u);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(buffers->flush_output(false, call), Status::success);
  EXPECT_EQ(buffers->flush_output(true, call), Status::success);
  EXPECT_EQ(socket.peer.receive(5), "gone\n");
}

TEST(SocketBuffers, ResizeGrantsWhatTheSystemHasAndWarnsOtherwise) {
  OpenSocket socket;
  auto* buffers = socket.channel->facets().buffers;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(buffers->resize(true, 4096, call), Status::success);
  EXPECT_EQ(buffers->resize(false, 4096, call), Status::success);
  EXPECT_EQ(buffers->resize(true, 0xFFFFFFFFu, call), Status::warn_nsup_buf);
}

TEST(SocketChannelSize, SessionStaysSmall) {
  EXPECT_LT(sizeof(drivers::SocketChannel), 1024u);
}

}  // namespace
}  // namespace visa::test
