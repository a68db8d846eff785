// SPDX-License-Identifier: MIT
// The table of back ends.
#include "drivers/gpib/back_ends.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::drivers::gpib {
namespace {

TEST(BackEndsTest, EachIsReachedByItsScheme) {
  Call call(Deadline::immediate());
  ASSERT_FALSE(back_ends().empty());
  for (const BackEnd* one : back_ends()) {
    spi::Settings settings;
    settings[std::string(kAdapter)] = std::string(one->scheme) + "://x";
    const auto board = choose_board(0, settings, nullptr, back_ends(), call);
    ASSERT_TRUE(board.has_value());
    EXPECT_EQ(board->back_end, one);
    EXPECT_NE(one->identify, nullptr);
    EXPECT_NE(one->open, nullptr);
  }
}

}  // namespace
}  // namespace visa::drivers::gpib
