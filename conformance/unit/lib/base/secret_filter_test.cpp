// SPDX-License-Identifier: MIT
#include "lib/base/secret_filter.h"

#include <gtest/gtest.h>

namespace visa {
namespace {

TEST(SecretFilter, ArgumentsOfCommandsThatNameASecretAreHidden) {
  EXPECT_EQ(without_secrets("SYST:PASS:CEN \"ab\";*IDN?\n"), "SYST:PASS:CEN ****;*IDN?\n");
  EXPECT_EQ(without_secrets(":lan:psk 12\nVOLT 1.25"), ":lan:psk **\nVOLT 1.25");
  EXPECT_EQ(without_secrets("VOLT 1.25;CURR 2"), "VOLT 1.25;CURR 2");
  EXPECT_EQ(without_secrets("PASS?"), "PASS?");
}

TEST(SecretFilter, SemicolonInQuotationMarksEndsNothing) {
  EXPECT_EQ(without_secrets("LAN:PSK \"ab;cd\";*OPC?"), "LAN:PSK *******;*OPC?");
  EXPECT_EQ(without_secrets("LAN:PSK 'a\";b';X 1"), "LAN:PSK ******;X 1");
  EXPECT_EQ(without_secrets("LAN:PSK \"open\n*IDN?"), "LAN:PSK *****\n*IDN?");
}

TEST(SecretFilter, QueriesOfPasswordsAreToldFromOtherThingsThatPass) {
  const auto asks = [](std::string_view message) {
    SecretFilter filter;
    bool asked = false;
    for (const char c : message) {
      filter.hides(c);
      asked = asked || filter.asks();
    }
    filter.end_message();
    return asked || filter.asks();
  };
  for (const auto* const secret :
       {"SYST:COMM:LAN:PASS?", "syst:password?", "*IDN?;:WLAN:PSK?;*OPC?", "USER1:PWD?\n", "PASS?",
        "AUTH:TOKen? 1", "SYSTem:PASSword:CENable?;PASSCODE?", "LAN:PASS2?"}) {
    EXPECT_TRUE(asks(secret)) << secret;
  }
  for (const auto* const other :
       {"CALC:LIM:PASS?", "MASK:TEST:PASS?", "FILT:BPASS?", "FILT:LPASs:FREQuency?", "*PSC?",
        "SYST:PASS:CEN \"a?\"", "READ?", "SYST:PASS:STATe?", "VOLT 1;*OPC?"}) {
    EXPECT_FALSE(asks(other)) << other;
  }
}

TEST(SecretFilter, MessageMayComeInPieces) {
  SecretFilter filter;
  for (const char c : std::string_view("SYST:PA")) EXPECT_FALSE(filter.hides(c));
  for (const char c : std::string_view("SS ")) EXPECT_FALSE(filter.hides(c));
  EXPECT_TRUE(filter.hides('x'));
  filter.end_message();
  EXPECT_FALSE(filter.hides('x'));
}

}  // namespace
}  // namespace visa
