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

TEST(SecretFilter, DataOfABlockAreNoCommands) {
  EXPECT_EQ(without_secrets("CURV #16;PSK x;LAN:PSK y"), "CURV #16;PSK x;LAN:PSK *");
  EXPECT_EQ(without_secrets("CURV 1, #14\n\n\"\n;LAN:PSK y\nX"),
            "CURV 1, #14\n\n\"\n;LAN:PSK *\nX");
  EXPECT_EQ(without_secrets("LAN:PSK #211abc\ndef;X Y;Z"), "LAN:PSK ***************;Z");
  EXPECT_EQ(without_secrets("A #H1F;LAN:PSK y"), "A #H1F;LAN:PSK *");
  EXPECT_EQ(without_secrets("A #2x;LAN:PSK y"), "A #2x;LAN:PSK *");
  EXPECT_EQ(without_secrets("A x#15;LAN:PSK y"), "A x#15;LAN:PSK *");
  EXPECT_EQ(without_secrets("A \"#15\";LAN:PSK y"), "A \"#15\";LAN:PSK *");
  EXPECT_EQ(without_secrets("A #10;LAN:PSK y"), "A #10;LAN:PSK *");
}

TEST(SecretFilter, QueriesAreToldFromBinaryData) {
  const auto queries = [](std::string_view message) {
    SecretFilter filter;
    for (const char c : message) {
      filter.hides(c);
      if (filter.queries()) return true;
    }
    filter.end_message();
    return filter.queries();
  };
  for (const auto* const query :
       {"*IDN?", ":volt?\n", "VOLT 1;CURR?", "MEAS? 1,2", "\x01LAN:PASS?"}) {
    EXPECT_TRUE(queries(query)) << query;
  }
  for (const auto* const other : {"VOLT 1", "DISP \"a?\"", "\x01\x80?\n", "", "A #13*?;", "X ?"}) {
    EXPECT_FALSE(queries(other)) << other;
  }
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
