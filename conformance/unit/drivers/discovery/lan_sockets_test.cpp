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

/// Sends `text` from `own` to the port of `socket` on the loopback.
void send_from(const Endpoint& own, const LanSockets::Socket& socket, const std::string& text) {
  sockaddr_in6 place{};
  socklen_t size = sizeof place;
  ASSERT_EQ(::getsockname(socket.fd.get(), reinterpret_cast<sockaddr*>(&place), &size), 0);
  Endpoint to = *numeric_endpoint(socket.family == AF_INET ? "127.0.0.1" : "::1");
  to.set_port(Endpoint(reinterpret_cast<const sockaddr*>(&place), size).port());
  const UniqueFd fd(::socket(socket.family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(fd.get(), own.address(), own.size()), 0);
  ::sendto(fd.get(), text.data(), text.size(), 0, to.address(), to.size());
}

TEST(LanSockets, WhatAnIgnoredSenderSendsNeverArrives) {
  LanSockets sockets({test::loopback_interface()}, kPort);
  const auto& own = of(sockets, false);
  for (const char* one : {"127.0.0.2", "127.0.0.3", "127.0.0.2"}) {
    sockets.ignore(*numeric_endpoint(one));
  }
  send_from(*numeric_endpoint("127.0.0.2"), own, "noise");
  send_from(*numeric_endpoint("127.0.0.3"), own, "noise");
  send_from(*numeric_endpoint("127.0.0.4"), own, "answer");
  EXPECT_EQ(receive(own), "answer");
}

TEST(LanSockets, SendersOfIpv6AreIgnoredByTheWholeAddress) {
  LanInterface interface = test::loopback_interface();
  interface.ipv6 = true;
  interface.subnets.clear();
  LanSockets sockets({interface}, kPort);
  if (sockets.all().empty()) GTEST_SKIP() << "no IPv6 here";
  const auto& own = of(sockets, false);
  for (const char* one : {"::2", "::1:0:1", "1::1", "127.0.0.1"}) {
    sockets.ignore(*numeric_endpoint(one));
  }
  send_from(*numeric_endpoint("::1"), own, "answer");
  EXPECT_EQ(receive(own), "answer");
  send_from(*numeric_endpoint("::1"), own, "first");
  sockets.ignore(*numeric_endpoint("::1"));
  send_from(*numeric_endpoint("::1"), own, "second");
  EXPECT_EQ(receive(own), "first");
  pollfd waiting{own.fd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 0), 0) << "on the loopback what was sent is there at once";
}

}  // namespace
}  // namespace visa::drivers
