// SPDX-License-Identifier: MIT
#include "tools/freevisa/reading.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(Reading, TheFirstNumberOfAnAnswerCounts) {
  EXPECT_EQ(number_of("+1.25E+00\n"), 1.25);
  EXPECT_EQ(number_of(" -3,4"), -3);
  EXPECT_EQ(number_of("\"5 V\""), 5);
  EXPECT_EQ(number_of(""), std::nullopt);
  EXPECT_EQ(number_of("OVLD"), std::nullopt);
  EXPECT_EQ(number_of("+9.90000000E+37"), std::nullopt) << "overload";
  EXPECT_EQ(number_of("9.91E37"), std::nullopt) << "not a number";
  EXPECT_EQ(number_of("nan"), std::nullopt);
}

TEST(Reading, StatisticsOfASeries) {
  Statistics all;
  EXPECT_EQ(all.deviation(), 0);
  for (const double value : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) all.add(value);
  EXPECT_EQ(all.count(), 8U);
  EXPECT_EQ(all.least(), 2);
  EXPECT_EQ(all.most(), 9);
  EXPECT_DOUBLE_EQ(all.mean(), 5);
  EXPECT_NEAR(all.deviation(), 2.138, 0.001);
}

TEST(Reading, ACurveInOneLine) {
  EXPECT_EQ(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8, false), "_.-~=+*#");
  EXPECT_EQ(sparkline({9, 0, 7}, 2, false), "_#") << "the last ones";
  EXPECT_EQ(sparkline({3, 3}, 8, false), "==") << "no range";
  EXPECT_EQ(sparkline({}, 8, true), "");
  EXPECT_EQ(sparkline({0, 1}, 8, true), "\xE2\x96\x81\xE2\x96\x88");
}

}  // namespace
}  // namespace visa::tool
