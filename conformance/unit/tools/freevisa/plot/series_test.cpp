// SPDX-License-Identifier: MIT
#include "tools/freevisa/plot/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace visa::tool {
namespace {

using ::testing::ElementsAre;
constexpr const char* kBytes = "0,0,4,1,1E-3,-2E-3,0,0.5,1,128";

TEST(Series, TextIsNumbersWithAnySeparators) {
  EXPECT_THAT(decode("+1.5E+00,-2; 3\n", SampleType::ascii, false), ElementsAre(1.5, -2, 3));
  EXPECT_TRUE(decode("\n", SampleType::ascii, false).empty());
  EXPECT_THROW(decode("1,volt", SampleType::ascii, false), SeriesFault);
}

TEST(Series, BlocksAreDecodedInBothOrders) {
  EXPECT_THAT(decode("\x01\xFF", SampleType::int16, false), ElementsAre(0x1FF));
  EXPECT_THAT(decode("\x01\xFF", SampleType::int16, true), ElementsAre(-255));
  EXPECT_THAT(decode("\x80", SampleType::int8, true), ElementsAre(-128));
  EXPECT_THAT(decode("\x80", SampleType::uint8, true), ElementsAre(128));
  EXPECT_THAT(decode(std::string_view("\x3F\xC0\x00\x00", 4), SampleType::float32, false),
              ElementsAre(1.5));
  EXPECT_THAT(decode(std::string_view("\0\0\0\0\0\0\xF8\x3F", 8), SampleType::float64, true),
              ElementsAre(1.5));
  EXPECT_THROW(decode("abc", SampleType::uint16, false), SeriesFault);
}

TEST(Series, APreambleHasTenNumbers) {
  const auto preamble = parse_preamble(kBytes);
  ASSERT_TRUE(preamble);
  EXPECT_EQ(preamble->points, 4U);
  EXPECT_EQ(preamble->y_reference, 128);
  EXPECT_FALSE(parse_preamble("1,2,3"));
  EXPECT_FALSE(parse_preamble("0,0,-4,1,1,1,1,1,1,1"));
  EXPECT_FALSE(parse_preamble("a,0,4,1,1,1,1,1,1,1"));
}

TEST(Series, IntegersAreScaledAndFloatsAreNot) {
  const auto preamble = parse_preamble(kBytes);
  const Series series = make_series({128, 130}, SampleType::uint8, preamble);
  EXPECT_THAT(series.y, ElementsAre(1, 2));
  EXPECT_EQ(series.x_origin, -2e-3);
  EXPECT_EQ(series.x_unit, "s");
  EXPECT_THAT(make_series({128}, SampleType::float32, preamble).y, ElementsAre(128));
  EXPECT_EQ(make_series({128}, SampleType::uint8, std::nullopt).x_unit, "");
}

TEST(Series, TheAnswersOfTektronixAreReadWithAndWithoutHeaders) {
  constexpr const char* kPlain = "2;RP;LSB;1E-6;-2E-3;10;0.5;128;1;\"s\";\"A\"\n";
  constexpr const char* kHeaders =
      ":WFMOUTPRE:BYT_NR 2;BN_FMT RP;BYT_OR LSB;XINCR 1E-6;XZERO -2E-3;PT_OFF 10;YMULT 0.5;"
      "YOFF 128;YZERO 1;XUNIT \"s\";YUNIT \"A\"";
  for (const char* const answer : {kPlain, kHeaders}) {
    const auto preamble = parse_tektronix(answer);
    ASSERT_TRUE(preamble) << answer;
    EXPECT_EQ(guess_type("\x80", true, preamble), SampleType::uint16);
    EXPECT_EQ(preamble->little, true);
    const Series series = make_series({130}, SampleType::ascii, preamble);
    EXPECT_THAT(series.y, ElementsAre(2)) << "codes, also as text";
    EXPECT_DOUBLE_EQ(series.x_origin, -2.01e-3);
    EXPECT_EQ(series.y_unit, "A");
  }
  for (const char* const other :
       {"", "1;2;3", "2;XX;LSB;1;2;3;4;5;6;s;V", "2;RI;LSB;x;2;3;4;5;6;s;V"})
    EXPECT_FALSE(parse_tektronix(other)) << other;
}

TEST(Series, WhatABlockIsMadeOfFollowsFromThePreamble) {
  const auto preamble = parse_preamble(kBytes);
  EXPECT_EQ(guess_type("\x80\x80\x80\x80", true, preamble), SampleType::uint8);
  EXPECT_EQ(guess_type("1,2,3\n", false, std::nullopt), SampleType::ascii);
  EXPECT_EQ(guess_type("\x80", true, std::nullopt), std::nullopt);
  EXPECT_EQ(guess_type("volt", false, std::nullopt), std::nullopt);
  const auto words = parse_preamble("1,0,2,1,1,0,0,1,0,0");
  EXPECT_EQ(guess_type("\x80\x80\x80\x80", true, words), SampleType::int16);
  EXPECT_EQ(sample_type_named("uint16"), SampleType::uint16);
  EXPECT_EQ(sample_type_named("word"), std::nullopt);
}

}  // namespace
}  // namespace visa::tool
