// SPDX-License-Identifier: MIT
#include "drivers/usb/kept_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <string>

namespace visa::test {
namespace {

using drivers::usb::KeptBytes;
using spi::StopReason;

class KeptBytesTest : public testing::Test {
 protected:
  void keep(const std::string& bytes, bool end, bool termchar = false) {
    const auto from = std::as_bytes(std::span(bytes));
    std::copy(from.begin(), from.end(), kept.room(bytes.size()).begin());
    kept.keep(0, bytes.size(), end, termchar);
  }
  /// What one read of `size` bytes gets; whether it is over.
  bool deliver(std::size_t size, const spi::EndRule& rule = {}) {
    std::string buffer(size, '\0');
    result = {};
    const bool over = kept.deliver(std::as_writable_bytes(std::span(buffer)), rule, result);
    text = buffer.substr(0, result.count);
    return over;
  }

  KeptBytes kept;
  spi::ReadResult result;
  std::string text;
};

TEST_F(KeptBytesTest, EndIsReportedWithTheLastByte) {
  keep("abc", true);
  EXPECT_TRUE(deliver(2));
  EXPECT_EQ(result.reason, StopReason::count);
  EXPECT_TRUE(deliver(1));
  EXPECT_EQ(result.reason, StopReason::end);
  EXPECT_FALSE(deliver(1));
}

TEST_F(KeptBytesTest, EmptyMessageHasAnEnd) {
  keep("", true);
  EXPECT_TRUE(deliver(5));
  EXPECT_EQ(result.reason, StopReason::end);
  EXPECT_EQ(result.count, 0U);
}

TEST_F(KeptBytesTest, AnEmptyAnswerEndsWithNoTerminationCharacter) {
  spi::EndRule rule;
  rule.termchar_enabled = true;
  keep("", false, true);
  EXPECT_FALSE(deliver(5, rule));
  kept.note_end(false, true);  // its bytes went to the caller
  EXPECT_TRUE(deliver(5, rule));
  EXPECT_EQ(result.reason, StopReason::termchar);
}

TEST_F(KeptBytesTest, WithoutAnEndMoreIsWanted) {
  keep("abc", false);
  EXPECT_FALSE(deliver(5));
  EXPECT_EQ(text, "abc");
}

TEST_F(KeptBytesTest, CountBeforeTheTerminationCharacterIsCount) {
  keep("ab\nc", true);
  spi::EndRule rule;
  rule.termchar_enabled = true;
  EXPECT_TRUE(deliver(2, rule));
  EXPECT_EQ(result.reason, StopReason::count);
  EXPECT_TRUE(deliver(2, rule));
  EXPECT_EQ(result.reason, StopReason::termchar);
  EXPECT_EQ(text, "\n");
}

TEST_F(KeptBytesTest, DroppedIsGone) {
  keep("abc", true);
  kept.drop();
  EXPECT_TRUE(kept.empty());
  EXPECT_FALSE(kept.ended());
  EXPECT_FALSE(deliver(5));
}

TEST_F(KeptBytesTest, RoomKeepsWhatIsUsed) {
  std::memcpy(kept.room(3).data(), "abc", 3);
  const auto room = kept.room(std::size_t{1} << 22U, 3);
  EXPECT_EQ(std::memcmp(room.data(), "abc", 3), 0);
  EXPECT_LT(kept.room(10).size(), std::size_t{1} << 21U);  // given back
}

}  // namespace
}  // namespace visa::test
