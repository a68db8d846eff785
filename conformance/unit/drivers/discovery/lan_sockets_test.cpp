// SPDX-License-Identifier: MIT
// The sockets of a search on the one cable of fake_lan.h.
#include "drivers/discovery/lan_sockets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conformance/unit/drivers/discovery/fake_lan.h"

namespace visa::drivers {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint16_t kPort = 45353;  // an mDNS port of nobody

std::string receive(const LanSockets::Socket& socket) {
  pollfd waiting{socket.fd.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 20000) <= 0) return "nothing";
  char text[64];
  const ssize_t size = ::recv(socket.fd.get(), text, sizeof text, 0);
  return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

const LanSockets::Socket& of(const LanSockets& sockets, bool shared) {
  const auto all = sockets.all();
  return *std::find_if(all.begin(), all.end(),
                       [&](const auto& one) { return one.shared == shared; });
}

TEST(LanSockets, OnePortOfItsOwnAndOneThatIsShared) {
  const LanSockets sockets({test::loopback_interface()}, kPort);
  EXPECT_THAT(sockets.troubles(), IsEmpty());
  ASSERT_THAT(sockets.all(), SizeIs(2));
  EXPECT_NE(of(sockets, true).fd.get(), of(sockets, false).fd.get());
}

TEST(LanSockets, WhoJoinedHearsTheGroupBesideOthersOnThePort) {
  LanSockets first({test::loopback_interface()}, kPort);
  const LanSockets second({test::loopback_interface()}, kPort);
  ASSERT_TRUE(first.multicast(of(first, false), test::loopback_interface(), test::as_bytes("hey")));
  EXPECT_EQ(receive(of(first, true)), "hey");
  EXPECT_EQ(receive(of(second, true)), "hey");
}

TEST(LanSockets, DatagramsGoOutOfThePortOfItsOwn) {
  LanSockets sockets({test::loopback_interface()}, kPort);
  const test::Responder echo(
      false, [](const std::string& question, const auto& reply) { reply(question + "!"); });
  ASSERT_TRUE(sockets.datagram(test::loopback(echo.port()), test::as_bytes("hey")));
  EXPECT_EQ(receive(of(sockets, false)), "hey!");
}

TEST(LanSockets, WithoutInterfacesThereAreNone) {
  LanSockets sockets({}, kPort);
  EXPECT_THAT(sockets.all(), IsEmpty());
  EXPECT_FALSE(sockets.datagram(test::loopback(9), test::as_bytes("hey")));
  EXPECT_THAT(sockets.troubles(), IsEmpty());
}

TEST(LanSockets, InterfaceWithoutMulticastIsAskedByBroadcastOnly) {
  LanInterface plain = test::loopback_interface();
  plain.multicast = false;
  LanSockets sockets({plain}, kPort);
  ASSERT_THAT(sockets.all(), SizeIs(1));
  EXPECT_FALSE(sockets.all().front().shared);
  EXPECT_FALSE(sockets.multicast(sockets.all().front(), plain, test::as_bytes("hey")));
}

TEST(LanSockets, InterfaceThatHasGoneIsNotedOnce) {
  LanInterface gone = test::loopback_interface();
  gone.name = "gone0";
  gone.index = 999999;
  LanSockets sockets({gone}, kPort);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(sockets.multicast(of(sockets, false), gone, test::as_bytes("hey")));
  }
  ASSERT_THAT(sockets.troubles(), SizeIs(2));  // it could not be joined, and not be sent to
  EXPECT_THAT(sockets.troubles()[0], HasSubstr("gone0"));
  EXPECT_THAT(sockets.troubles()[1], HasSubstr("gone0: multicast"));
}

}  // namespace
}  // namespace visa::drivers
