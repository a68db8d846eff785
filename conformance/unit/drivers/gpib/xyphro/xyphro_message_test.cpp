// SPDX-License-Identifier: MIT
// The bytes of messages and requests, and what is no answer.
#include "drivers/gpib/xyphro/xyphro_message.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

namespace visa::drivers::gpib::xyphro {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<unsigned> values) {
  Bytes made;
  for (const unsigned one : values) made.push_back(static_cast<std::byte>(one));
  return made;
}

TEST(XyphroMessage, PadsAMessageAndSaysItsEnd) {
  Bytes message;
  const std::string_view text = "abcde";
  make_message(7, std::as_bytes(std::span(text)), true, message);
  EXPECT_EQ(message,
            bytes({1, 7, 0xF8, 0, 5, 0, 0, 0, 1, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 0, 0, 0}));
  make_message(8, {}, false, message);
  EXPECT_EQ(message, bytes({1, 8, 0xF7, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(XyphroMessage, AsksWithOrWithoutATerminationCharacter) {
  Bytes message;
  make_request(1, 0x0FF1, std::nullopt, message);
  EXPECT_EQ(message, bytes({2, 1, 0xFE, 0, 0xF1, 0x0F, 0, 0, 0, 0, 0, 0}));
  make_request(1, 1, std::uint8_t{'\n'}, message);
  EXPECT_EQ(message, bytes({2, 1, 0xFE, 0, 1, 0, 0, 0, 2, '\n', 0, 0}));
}

TEST(XyphroMessage, TakesOnlyTheAnswerToItsRequest) {
  const auto good = bytes({2, 9, 0xF6, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'x'});
  const auto head = parse_head(good, 9, 4);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->size, 4U);
  EXPECT_TRUE(head->end);
  EXPECT_FALSE(parse_head(good, 8, 4));
  EXPECT_FALSE(parse_head(good, 9, 3));
  EXPECT_FALSE(parse_head(std::span(good).first(11), 9, 4));
  EXPECT_FALSE(parse_head(bytes({1, 9, 0xF6, 0, 4, 0, 0, 0, 3, 0, 0, 0}), 9, 4));
  EXPECT_FALSE(parse_head(bytes({2, 9, 0xF5, 0, 4, 0, 0, 0, 3, 0, 0, 0}), 9, 4));
  EXPECT_FALSE(parse_head(bytes({2, 9, 0xF6, 0, 4, 0, 0, 0xFF, 3, 0, 0, 0}), 9, 4));
}

TEST(XyphroMessage, LowIsAsserted) {
  EXPECT_EQ(set_atn(0, true).value, 0);
  EXPECT_EQ(set_atn(0, false).value, 1);
  EXPECT_EQ(set_ifc(2, true).value, 0);
  EXPECT_EQ(set_ifc(2, true).index, 2);
  EXPECT_EQ(set_ren(0, true).value, 1);
  EXPECT_EQ(parse_lines(bytes({1, 0xBD})), kLineAtn | kLineNdac);
  EXPECT_FALSE(parse_lines(bytes({0, 0xBD})));
  EXPECT_FALSE(parse_lines(bytes({1})));
}

TEST(XyphroMessage, ATagIsNeverZero) {
  Tag tag;
  for (int i = 0; i < 600; ++i) EXPECT_NE(tag.next(), 0);
  EXPECT_EQ(tag.last(), 600 - 2 * 255);
}

}  // namespace
}  // namespace visa::drivers::gpib::xyphro
