// SPDX-License-Identifier: MIT
#include "drivers/serial/line_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::drivers::serial {
namespace {

using Kind = LineMark::Kind;

/// The bytes and "@place kind" of each mark, for comparison.
std::string decoded(LineDecoder& decoder, std::string raw, bool zero_is_break = true) {
  std::vector<LineMark> marks;
  raw.resize(decoder.decode(std::as_writable_bytes(std::span(raw)), zero_is_break, marks));
  for (const auto& mark : marks) {
    raw += "@" + std::to_string(mark.at) + (mark.kind == Kind::line_break ? "break" : "damaged");
  }
  return raw;
}

TEST(LineDecoder, PlainBytesPass) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder, std::string("a\0b\x7f\x80\xfe", 6)),
            std::string("a\0b\x7f\x80\xfe", 6));
  EXPECT_TRUE(decoder.idle());
}

TEST(LineDecoder, DoubledMarkIsOneByte) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder,
                    "a\xff\xff"
                    "b\xff\xff\xff\xff"),
            "a\xff"
            "b\xff\xff");
}

TEST(LineDecoder, DamagedByteIsMarkedAtItsPlace) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder, std::string("ab\xff\0cd", 6)), "abcd@2damaged");
  EXPECT_EQ(decoded(decoder, std::string("\xff\0\xff", 3)), "\xff@0damaged");
}

TEST(LineDecoder, BreakIsNoByte) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder, std::string("ab\xff\0\0cd", 7)), "abcd@2break");
  EXPECT_EQ(decoded(decoder, std::string("\xff\0\0", 3)), "@0break");
}

TEST(LineDecoder, ZeroWithoutABreakIsADamagedZero) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder, std::string("a\xff\0\0", 4), false), std::string("a\0@1damaged", 11));
}

TEST(LineDecoder, SequencesMayBeCutAnywhere) {
  const std::string raw("x\xff\xff\xff\0y\xff\0\0z", 10);
  for (std::size_t cut = 0; cut <= raw.size(); ++cut) {
    LineDecoder decoder;
    std::vector<LineMark> first;
    std::vector<LineMark> second;
    std::string head = raw.substr(0, cut);
    std::string tail = raw.substr(cut);
    head.resize(decoder.decode(std::as_writable_bytes(std::span(head)), true, first));
    tail.resize(decoder.decode(std::as_writable_bytes(std::span(tail)), true, second));
    EXPECT_EQ(head + tail, "x\xffyz") << cut;
    EXPECT_EQ(first.size() + second.size(), 2u) << cut;
    for (auto& mark : second) mark.at += head.size();
    first.insert(first.end(), second.begin(), second.end());
    EXPECT_EQ(first[0].at, 2u) << cut;
    EXPECT_EQ(first[0].kind, Kind::damaged) << cut;
    EXPECT_EQ(first[1].at, 3u) << cut;
    EXPECT_EQ(first[1].kind, Kind::line_break) << cut;
    EXPECT_TRUE(decoder.idle());
  }
}

TEST(LineDecoder, IsNotIdleInsideASequence) {
  LineDecoder decoder;
  EXPECT_EQ(decoded(decoder, "\xff"), "");
  EXPECT_FALSE(decoder.idle());
  EXPECT_EQ(decoded(decoder, "\xff"), "\xff");
  EXPECT_TRUE(decoder.idle());
}

}  // namespace
}  // namespace visa::drivers::serial
