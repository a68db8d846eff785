// SPDX-License-Identifier: MIT
#include "tools/freevisa/identify.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(Identify, NamesOfOneHostAreOneDevice) {
  EXPECT_EQ(device_of("TCPIP0::192.0.2.1::5025::SOCKET"), "192.0.2.1");
  EXPECT_EQ(device_of("TCPIP0::192.0.2.1::inst0::INSTR"), "192.0.2.1");
  EXPECT_EQ(device_of("TCPIP0::[fe80::1%eth0]::5025::SOCKET"), "[fe80::1%eth0");
  EXPECT_EQ(device_of("USB0::1::2::3::INSTR"), "USB0::1::2::3::INSTR");
  EXPECT_EQ(device_of("TCPIP"), "TCPIP");
}

TEST(Identify, NobodyToAskIsNoWork) {
  EXPECT_TRUE(identify(Session(), {}, 100).empty());
}

}  // namespace
}  // namespace visa::tool
