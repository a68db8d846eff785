// SPDX-License-Identifier: MIT
#include "tools/freevisa/exchange.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(Exchange, BlocksAreRecognisedByTheirWholeHeader) {
  EXPECT_EQ(block_at_start("#15hello\n").header, 3U);
  EXPECT_EQ(block_at_start("#15hello\n").length, 5U);
  EXPECT_EQ(block_at_start("#210").header, 4U);
  for (const char* const none : {"", "#", "#2", "#21", "#1x", "1#15", "#a"})
    EXPECT_EQ(block_at_start(none).header, 0U) << none;
  EXPECT_TRUE(block_at_start("#0abc\n").endless);
}

TEST(Exchange, TheDataOfAnAnswer) {
  EXPECT_EQ(data_of("#15hello\n"), "hello");
  EXPECT_EQ(data_of("#0hello\n"), "hello");
  EXPECT_EQ(data_of("hello\n"), "hello\n");
  EXPECT_EQ(data_of("#19cut"), "cut") << "shorter than its header says";
}

TEST(Exchange, HeadersAreAsLongAsTheyMustBe) {
  EXPECT_EQ(block_header(0), "#10");
  EXPECT_EQ(block_header(1234567), "#71234567");
}

}  // namespace
}  // namespace visa::tool
