// SPDX-License-Identifier: MIT
#include "drivers/discovery/visa_address.h"

#include <gtest/gtest.h>

namespace visa::drivers {
namespace {

TEST(VisaAddress, TheSubAddressIsTakenAndNothingElse) {
  EXPECT_EQ(sub_address_in("TCPIP0::10.77.0.2::hislip1::INSTR"), "hislip1");
  EXPECT_EQ(sub_address_in("TCPIP::scope.local::HiSLIP2,4999::INSTR"), "hislip2");
  EXPECT_EQ(sub_address_in("tcpip3::[fd00::1]::hislipA::instr"), "hislipa");
  EXPECT_EQ(sub_address_in("TCPIP::me@other::hislip0"), "hislip0");
}

TEST(VisaAddress, WhatNamesNoHislipResourceSaysNothing) {
  for (const char* text :
       {"", "hislip1", "TCPIP::a::inst1::INSTR", "TCPIP::a::5025::SOCKET", "USB::1::2::3::INSTR",
        "TCPIP::a::hislip1::SOCKET", "TCPIP::a::hislip1,0::INSTR", "TCPIP::a::hislip1,99999::INSTR",
        "TCPIP::a::hislip 1::INSTR", "TCPIP::a::hislip1?*::INSTR",
        "TCPIP::a::hislip1::INSTR::INSTR", "TCPIP::a::hislip/../x::INSTR",
        "TCPIP::a::hislip\xc3\x9f::INSTR", "TCPIP::::hislip1::INSTR", "TCPIP::a b::hislip1::INSTR",
        "TCPIP0::a::hislip1::INSTR\n"}) {
    EXPECT_EQ(sub_address_in(text), "") << text;
  }
  EXPECT_EQ(sub_address_in(std::string_view("TCPIP::a::hislip1\0::INSTR", 25)), "");
}

TEST(VisaAddress, ASubAddressThatIsTooLongIsNotTaken) {
  const std::string longest = "hislip" + std::string(kLongestSubAddress - 6, '1');
  EXPECT_EQ(sub_address_in("TCPIP::a::" + longest + "::INSTR"), longest);
  EXPECT_EQ(sub_address_in("TCPIP::a::" + longest + "1::INSTR"), "");
}

}  // namespace
}  // namespace visa::drivers
