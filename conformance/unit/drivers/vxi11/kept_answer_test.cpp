// SPDX-License-Identifier: MIT
// How what is kept of an answer grows and is handed out; where it comes from: vxi11_reply_test and
// vxi11_late_answer_test.
#include "drivers/vxi11/kept_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace visa::test {
namespace {

using drivers::vxi11::KeptAnswer;

void put(KeptAnswer& kept, std::string_view text) {
  const auto room = kept.room(text.size() + 10);
  std::transform(text.begin(), text.end(), room.begin(),
                 [](char one) { return static_cast<std::byte>(one); });
  kept.unused(room.size() - text.size());
}

std::string take(KeptAnswer& kept, std::size_t size, const spi::EndRule& rule, bool& termchar) {
  std::string text(size, '\0');
  text.resize(kept.hand_out(std::as_writable_bytes(std::span(text)), rule, termchar));
  return text;
}

TEST(KeptAnswer, IsHandedOutByCount) {
  KeptAnswer kept;
  EXPECT_TRUE(kept.empty());
  put(kept, "abc");
  put(kept, "de");
  bool termchar = true;
  EXPECT_EQ(take(kept, 4, {}, termchar), "abcd");
  EXPECT_FALSE(termchar);
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(take(kept, 4, {}, termchar), "e");
  EXPECT_TRUE(kept.empty());
}

TEST(KeptAnswer, IsHandedOutByTerminationCharacter) {
  KeptAnswer kept;
  put(kept, "one;two;");
  spi::EndRule rule;
  rule.termchar_enabled = true;
  rule.termchar = ';';
  bool termchar = false;
  EXPECT_EQ(take(kept, 3, rule, termchar), "one");
  EXPECT_FALSE(termchar);
  EXPECT_EQ(take(kept, 9, rule, termchar), ";");
  EXPECT_TRUE(termchar);
  EXPECT_EQ(take(kept, 4, rule, termchar), "two;");
  EXPECT_TRUE(termchar);
}

TEST(KeptAnswer, GrowsByPiecesToItsBoundAndNoFurther) {
  KeptAnswer kept;
  std::size_t size = 0;
  while (!kept.full()) {
    const std::size_t room = kept.room(0xFFFFFFFF).size();
    ASSERT_GT(room, 0u);
    ASSERT_LE(room, 65536u);
    size += room;
  }
  EXPECT_EQ(size, KeptAnswer::kMost);
  EXPECT_EQ(kept.room(1).size(), 0u);
}

TEST(KeptAnswer, HoldsWhatTheCallerHadRoomFor) {
  KeptAnswer kept;
  kept.allow(10);
  EXPECT_EQ(kept.most(), KeptAnswer::kMost);
  kept.allow(KeptAnswer::kMost + 1000);
  std::size_t size = 0;
  while (!kept.full()) size += kept.room(0xFFFFFFFF).size();
  EXPECT_EQ(size, KeptAnswer::kMost + 1000);
  kept.clear();
  EXPECT_EQ(kept.most(), KeptAnswer::kMost);
}

TEST(KeptAnswer, FlawIsPendingWithoutAByte) {
  KeptAnswer kept;
  EXPECT_FALSE(kept.pending());
  kept.spoil("cut");
  EXPECT_TRUE(kept.pending());
  kept.ends_by(4);
  kept.clear();
  EXPECT_FALSE(kept.pending());
  EXPECT_EQ(kept.reason(), 0u);
}

}  // namespace
}  // namespace visa::test
