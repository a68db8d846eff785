// SPDX-License-Identifier: MIT
#include "tools/sim/scpi/program_message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::sim {
namespace {

// "VOLT:RANG? 1|MAX" for each unit, "error -102" where the parser gives up.
std::vector<std::string> units(std::string_view message) {
  std::vector<std::string> found;
  ProgramMessage parser(message);
  Unit unit;
  while (true) {
    const auto result = parser.next(unit);
    if (result == ProgramMessage::Result::end) {
      return found;
    }
    if (result == ProgramMessage::Result::error) {
      found.push_back("error " + std::to_string(parser.error()));
      return found;
    }
    std::string text = unit.common ? "*" : "";
    for (std::size_t i = 0; i < unit.node_count; ++i) {
      text += i > 0 ? ":" : "";
      text += unit.nodes[i];
    }
    text += unit.query ? "?" : "";
    for (std::size_t i = 0; i < unit.argument_count; ++i) {
      text += i > 0 ? "|" : " ";
      text += unit.arguments[i].text;
    }
    found.push_back(text);
  }
}

using Strings = std::vector<std::string>;

TEST(ProgramMessage, UnitsAreSeparatedBySemicolons) {
  EXPECT_EQ(units("*IDN?;*ESE 32 ; *OPC?\n"), (Strings{"*IDN?", "*ESE 32", "*OPC?"}));
  EXPECT_EQ(units("\n"), Strings{});
  EXPECT_EQ(units(" \t\r\n"), Strings{});
  EXPECT_EQ(units(";;*CLS;\n"), (Strings{"*CLS"}));
}

TEST(ProgramMessage, HeaderContinuesAtTheCurrentPath) {
  EXPECT_EQ(units("WAV:FORM BYTE;POIN 10;:TIM:SCAL 1;*CLS;POS 2"),
            (Strings{"WAV:FORM BYTE", "WAV:POIN 10", "TIM:SCAL 1", "*CLS", "TIM:POS 2"}));
}

TEST(ProgramMessage, EveryKindOfParameterIsTaken) {
  EXPECT_EQ(units("A 1.5,MAX, 'it''s',\"x;y\",(@1,2),#HFF,#14a;\nb,#213hello, world!\n"),
            (Strings{"A 1.5|MAX|it''s|x;y|(@1,2)|#HFF|a;\nb|hello, world!"}));
  EXPECT_EQ(units("A 100 mV\r\n"), (Strings{"A 100 mV"}));
  EXPECT_EQ(units("A #0rest;of,it\n"), (Strings{"A rest;of,it"}));
}

TEST(ProgramMessage, WhatIsNoMessageNamesItsError) {
  EXPECT_EQ(units("*\n"), (Strings{"error -102"}));
  EXPECT_EQ(units("VOLT::RANG 1\n"), (Strings{"error -101"}));
  EXPECT_EQ(units("\x80\xFF\n"), (Strings{"error -101"}));
  EXPECT_EQ(units("A,B\n"), (Strings{"error -101"}));
  EXPECT_EQ(units("A 1,\n"), (Strings{"error -102"}));
  EXPECT_EQ(units("A 'open\n"), (Strings{"error -151"}));
  EXPECT_EQ(units("A #9999\n"), (Strings{"error -161"}));
  EXPECT_EQ(units("A #15abc\n"), (Strings{"error -161"}));
  EXPECT_EQ(units("A (1\n"), (Strings{"error -102"}));
  EXPECT_EQ(units("*RST;*\n"), (Strings{"*RST", "error -102"})) << "what came before is done";
}

TEST(ProgramMessage, MoreNodesOrParametersThanThereArePlacesAreRefused) {
  std::string deep = "A";
  for (std::size_t i = 0; i < kMaxNodes; ++i) {
    deep += ":A";
  }
  EXPECT_EQ(units(deep), (Strings{"error -113"}));
  std::string wide = "A 1";
  for (std::size_t i = 0; i < kMaxArguments; ++i) {
    wide += ",1";
  }
  EXPECT_EQ(units(wide), (Strings{"error -108"}));
}

TEST(ParseNumber, TakesEveryFormOfTheStandard) {
  EXPECT_EQ(parse_number("12"), 12.0);
  EXPECT_EQ(parse_number("+1.5E3"), 1500.0);
  EXPECT_EQ(parse_number("-.5"), -0.5);
  EXPECT_DOUBLE_EQ(*parse_number("100 mV"), 0.1);
  EXPECT_DOUBLE_EQ(*parse_number("2.5kohm"), 2500);
  EXPECT_DOUBLE_EQ(*parse_number("3MHz"), 3e6);
  EXPECT_DOUBLE_EQ(*parse_number("3 MA"), 3e-3) << "milliampere";
  EXPECT_DOUBLE_EQ(*parse_number("7us"), 7e-6);
  EXPECT_EQ(parse_number("#HFF"), 255.0);
  EXPECT_EQ(parse_number("#B101"), 5.0);
  EXPECT_EQ(parse_number("#q17"), 15.0);
}

TEST(ParseNumber, RefusesWhatIsNone) {
  for (const char* const text : {"", "+", "-", "+-1", "1..2", "1V2", "inf", "nan", "-inf", "1e999",
                                 "#H", "#HG", "1 furlong"}) {
    EXPECT_FALSE(parse_number(text)) << text;
  }
}

TEST(MatchesMnemonic, ShortAndLongFormAndNothingBetween) {
  for (const char* const text : {"VOLT", "volt", "VoLtAgE"}) {
    EXPECT_TRUE(matches_mnemonic("VOLTage", text)) << text;
  }
  for (const char* const text : {"VOL", "VOLTA", "VOLTAGES", ""}) {
    EXPECT_FALSE(matches_mnemonic("VOLTage", text)) << text;
  }
  EXPECT_TRUE(matches_mnemonic("CHANnel2", "chan2"));
  EXPECT_TRUE(matches_mnemonic("CHANnel2", "CHANNEL2"));
  EXPECT_FALSE(matches_mnemonic("CHANnel2", "CHAN"));
  EXPECT_FALSE(matches_mnemonic("CHANnel2", "CHAN1"));
}

}  // namespace
}  // namespace visa::sim
