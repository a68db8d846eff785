// SPDX-License-Identifier: MIT
// Where an answer ends, however its bytes arrive.
#include "drivers/gpib/prologix_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace visa::drivers::gpib {
namespace {

constexpr std::string_view kClosing = "Prologix 1.0\r\n";
constexpr char kMark = 0x04;

class PrologixAnswerTest : public testing::Test {
 protected:
  /// Gives `wire` in pieces of `size` and takes what is ready after each.
  std::string parse(std::string_view wire, std::size_t size) {
    answer_.begin();
    std::string data;
    while (!wire.empty()) {
      const auto room = answer_.room();
      const std::size_t count = std::min({size, wire.size(), room.size()});
      std::memcpy(room.data(), wire.data(), count);
      answer_.received(count);
      wire.remove_prefix(count);
      const auto ready = answer_.ready();
      data.append(reinterpret_cast<const char*>(ready.data()), ready.size());
      answer_.consume(ready.size());
    }
    return data;
  }

  PrologixAnswer answer_{std::string(kClosing), static_cast<std::uint8_t>(kMark)};
};

TEST_F(PrologixAnswerTest, EndsAtTheClosingLineWithOrWithoutTheMark) {
  for (std::size_t size = 1; size < 40; ++size) {
    EXPECT_EQ(parse("1.5\n" + std::string(1, kMark) + std::string(kClosing), size), "1.5\n");
    EXPECT_TRUE(answer_.over());
    EXPECT_TRUE(answer_.end());
    EXPECT_EQ(parse("1.5\n" + std::string(kClosing), size), "1.5\n");
    EXPECT_TRUE(answer_.over());
    EXPECT_FALSE(answer_.end());
    EXPECT_EQ(parse(std::string(kClosing), size), "");
    EXPECT_TRUE(answer_.over());
    EXPECT_FALSE(answer_.end());
    EXPECT_EQ(answer_.surplus(), 0U);
  }
}

TEST_F(PrologixAnswerTest, LetsDataContainTheMarkAndBeginningsOfTheLine) {
  std::string data;
  for (int i = 0; i < 256; ++i) data += static_cast<char>(i);
  data +=
      std::string(3, kMark) + "Prologix" + "Prologix 1.0" + kMark + "PrPrologix 1.1\r\n" + kMark;
  for (const std::size_t size : {1U, 2U, 7U, 64U, 4096U}) {
    EXPECT_EQ(parse(data + kMark + std::string(kClosing), size), data);
    EXPECT_TRUE(answer_.over());
    EXPECT_TRUE(answer_.end());
  }
}

TEST_F(PrologixAnswerTest, HoldsBackNoMoreThanItMust) {
  EXPECT_EQ(parse("abc", 1), "abc");
  EXPECT_EQ(parse("abcPro", 1), "abc");
  EXPECT_EQ(parse("abcProx", 1), "abcProx");
  EXPECT_FALSE(answer_.over());
}

TEST_F(PrologixAnswerTest, TakesLongAnswersInBoundedMemory) {
  const std::string data(200000, '\x04');
  EXPECT_EQ(parse(data + kMark + std::string(kClosing), 100000), data);
  EXPECT_TRUE(answer_.end());
}

TEST_F(PrologixAnswerTest, CountsWhatComesAfterTheClosingLine) {
  parse(std::string(kClosing) + "junk", 100);
  EXPECT_TRUE(answer_.over());
  EXPECT_EQ(answer_.surplus(), 4U);
  EXPECT_TRUE(answer_.ready().empty());
}

}  // namespace
}  // namespace visa::drivers::gpib
