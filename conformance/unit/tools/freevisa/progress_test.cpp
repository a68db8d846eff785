// SPDX-License-Identifier: MIT
#include "tools/freevisa/progress.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(Progress, SizesHaveThreeDigits) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(999), "999 B");
  EXPECT_EQ(size_text(1000), "1.00 kB");
  EXPECT_EQ(size_text(12345678), "12.3 MB");
  EXPECT_EQ(size_text(999999), "1.00 MB");
}

TEST(Progress, TheLineSaysHowFarHowFastAndHowLongStill) {
  EXPECT_EQ(progress_line(500000, 1000000, 2, 80),
            "[###############...............]  50 %  500 kB of 1.00 MB  250 kB/s  0:02 left");
}

TEST(Progress, WithoutATotalThereIsNoBar) {
  EXPECT_EQ(progress_line(500000, 0, 2, 80), "500 kB  250 kB/s");
  EXPECT_EQ(progress_line(0, 0, 0, 80), "0 B  0 B/s");
}

TEST(Progress, ANarrowTerminalIsNotExceeded) {
  for (const int width : {0, 1, 10, 40}) {
    const auto length = progress_line(500000, 1000000, 2, width).size();
    EXPECT_LE(length, static_cast<std::size_t>(width)) << width;
  }
}

}  // namespace
}  // namespace visa::tool
