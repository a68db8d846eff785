// SPDX-License-Identifier: MIT
#include "drivers/discovery/lan_interfaces.h"

#include <gtest/gtest.h>

namespace visa::drivers {
namespace {

TEST(LanInterfaces, TheLoopbackIsNone) {
  Call call(Deadline::immediate());
  for (const LanInterface& one : lan_interfaces(call)) {
    EXPECT_NE(one.name, "lo");
    EXPECT_NE(one.index, 0u);
    EXPECT_TRUE(one.ipv6 || !one.subnets.empty());
  }
  EXPECT_EQ(call.detail, "");
}

TEST(LanInterfaces, ASubnetHoldsItsOwnAddressesAndNoOthers) {
  const Subnet subnet{0xC0A80114, 0xFFFFFF00, 0xC0A801FF};  // 192.168.1.20/24
  EXPECT_TRUE(subnet.contains(0xC0A80101));
  EXPECT_TRUE(subnet.contains(0xC0A801FF));
  EXPECT_FALSE(subnet.contains(0xC0A80201));
  EXPECT_FALSE(subnet.contains(0));
}

TEST(LanInterfaces, AddressesAreNumbersAndBack) {
  const Endpoint endpoint = ipv4_endpoint(0x0A4D0002, 111);
  EXPECT_EQ(endpoint.numeric(), "10.77.0.2");
  EXPECT_EQ(endpoint.port(), 111);
  EXPECT_EQ(ipv4_bits(endpoint), 0x0A4D0002u);
  EXPECT_EQ(ipv4_bits(Endpoint()), 0u);
}

}  // namespace
}  // namespace visa::drivers
