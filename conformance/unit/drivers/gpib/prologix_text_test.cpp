// SPDX-License-Identifier: MIT
// Lines to an adapter, and the short answers it has.
#include "drivers/gpib/prologix_text.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::drivers::gpib {
namespace {

std::string escaped(std::string_view data) {
  std::string line;
  append_escaped(line, std::as_bytes(std::span(data.data(), data.size())));
  return line;
}

TEST(PrologixTextTest, EscapesWhatWouldEndALineOrBeginACommand) {
  EXPECT_EQ(escaped("*IDN?"), "*IDN?");
  EXPECT_EQ(escaped("++ver\r\n"), "\x1B+\x1B+ver\x1B\r\x1B\n");
  EXPECT_EQ(escaped("\x1B"), "\x1B\x1B");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(escaped(all).size(), 260U);
}

TEST(PrologixTextTest, CountsSecondaryAddressesFrom96) {
  EXPECT_EQ(address_arguments({5}), " 5");
  EXPECT_EQ(address_arguments({5, 0}), " 5 96");
  EXPECT_EQ(address_arguments({30, 30}), " 30 126");
}

TEST(PrologixTextTest, KnowsTheFamilies) {
  EXPECT_EQ(dialect_of("Prologix GPIB-ETHERNET Controller version 01.06.06.00\r\n").kind,
            AdapterKind::prologix);
  EXPECT_EQ(dialect_of("AR488 GPIB controller, ver. 0.53.04\r\n").kind, AdapterKind::ar488);
  EXPECT_EQ(dialect_of("Version 5.0\r").kind, AdapterKind::galvant);
  EXPECT_EQ(dialect_of("something else\r\n").kind, AdapterKind::prologix);
}

TEST(PrologixTextTest, KnowsFirmwareThatMustNotBeAskedWhileItReads) {
  EXPECT_FALSE(dialect_of("AR488 GPIB controller, ver. 0.53.04").reads_alone);
  EXPECT_FALSE(dialect_of("AR488 GPIB controller, ver. 1.2").reads_alone);
  EXPECT_TRUE(dialect_of("AR488 GPIB controller, ver. 0.48.21").reads_alone);
  EXPECT_TRUE(dialect_of("AR488-ESP").reads_alone);
  EXPECT_FALSE(dialect_of("Prologix GPIB-USB").reads_alone);
}

// An AR488 saves its settings at each ++savecfg, a Prologix unless ++savecfg 0 was sent.
TEST(PrologixTextTest, SparesTheMemoryOfEachKind) {
  const auto prologix = setup_lines(dialect_of("Prologix"));
  EXPECT_EQ(prologix.find("++savecfg 0\n"), 0U);
  const auto ar488 = setup_lines(dialect_of("AR488"));
  EXPECT_EQ(ar488.find("savecfg"), std::string::npos);
  EXPECT_NE(ar488.find("++eor 7\n"), std::string::npos);
  const auto galvant = setup_lines(dialect_of("Version 5.0"));
  EXPECT_EQ(galvant.find("++savecfg 0\n"), 0U);
  EXPECT_NE(galvant.find("++eot_char 13\n"), std::string::npos);
  for (const auto& lines : {prologix, ar488, galvant}) {
    EXPECT_NE(lines.find("++auto 0\n"), std::string::npos);
    EXPECT_NE(lines.find("++eos 3\n"), std::string::npos);
  }
}

TEST(PrologixTextTest, ReadsNumbersAndNothingElse) {
  EXPECT_EQ(number_in("80\r\n"), 80U);
  EXPECT_EQ(number_in(" 0\n"), 0U);
  EXPECT_EQ(number_in("65535"), 65535U);
  for (const char* bad : {"", "\r\n", "x", "8 0", "-1", "65536", "99999999999999999999", "5,6"}) {
    EXPECT_EQ(number_in(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace visa::drivers::gpib
