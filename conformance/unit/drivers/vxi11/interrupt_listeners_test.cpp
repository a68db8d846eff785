// SPDX-License-Identifier: MIT
#include "drivers/vxi11/interrupt_listeners.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/loopback.h"

namespace visa::test {
namespace {

using drivers::vxi11::InterruptListeners;
using drivers::vxi11::ipv4_of;

drivers::Endpoint at(std::uint32_t address) {
  sockaddr_in end{};
  end.sin_family = AF_INET;
  end.sin_addr.s_addr = htonl(address);
  end.sin_port = htons(4711);
  return {reinterpret_cast<const sockaddr*>(&end), sizeof end};
}

std::size_t count(const InterruptListeners& listeners) {
  std::vector<pollfd> watched;
  listeners.watch(watched);
  return watched.size();
}

TEST(InterruptListeners, OneForEachAddress) {
  EXPECT_EQ(ipv4_of(at(0x7F000001)), 0x7F000001u);
  InterruptListeners listeners;
  const auto first = listeners.open(at(0x7F000001));
  ASSERT_TRUE(first);
  EXPECT_NE(*first, 4711);
  EXPECT_EQ(listeners.open(at(0x7F000001)), first);
  EXPECT_TRUE(listeners.open(at(0x7F000002)));
  EXPECT_EQ(count(listeners), 2u);
  listeners.close_unless([](std::uint32_t address) { return address == 0x7F000002; });
  EXPECT_EQ(count(listeners), 1u);
  listeners.close_all();
  EXPECT_EQ(count(listeners), 0u);
}

TEST(InterruptListeners, AddressOfAnotherComputerHasNone) {
  InterruptListeners listeners;
  EXPECT_FALSE(listeners.open(at(0xC0000201)));  // 192.0.2.1
  EXPECT_EQ(count(listeners), 0u);
}

}  // namespace
}  // namespace visa::test
