// SPDX-License-Identifier: MIT
#include "lib/base/deadline.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <utility>
#include <vector>

namespace visa {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

TEST(Deadline, ImmediateIsOverAtOnce) {
  const auto now = Deadline::immediate();
  EXPECT_TRUE(now.is_immediate());
  EXPECT_FALSE(now.is_infinite());
  EXPECT_TRUE(now.expired());
  EXPECT_EQ(now.remaining(), Clock::duration::zero());
  EXPECT_EQ(now.poll_milliseconds(), 0);
}

TEST(Deadline, InfiniteIsNeverOver) {
  const auto never = Deadline::infinite();
  EXPECT_TRUE(never.is_infinite());
  EXPECT_FALSE(never.is_immediate());
  EXPECT_FALSE(never.expired());
  EXPECT_EQ(never.remaining(), Clock::duration::max());
  EXPECT_EQ(never.poll_milliseconds(), -1);
}

TEST(Deadline, ZeroAndLessAreImmediate) {
  EXPECT_TRUE(Deadline::after(0ms).is_immediate());
  EXPECT_TRUE(Deadline::after(-5ms).is_immediate());
  EXPECT_FALSE(Deadline::after(1ms).is_immediate());
}

TEST(Deadline, AfterCountsFromNow) {
  const auto before = Clock::now();
  const auto deadline = Deadline::after(500ms);
  const auto after = Clock::now();
  EXPECT_GE(deadline.time_point(), before + 500ms);
  EXPECT_LE(deadline.time_point(), after + 500ms);
}

TEST(Deadline, TheLongestVisaTimeoutDoesNotOverflow) {
  const auto deadline = Deadline::after(std::chrono::milliseconds(0xFFFFFFFE));
  EXPECT_FALSE(deadline.expired());
  EXPECT_FALSE(deadline.is_infinite());
  // 49 days are more than poll can say.
  EXPECT_EQ(deadline.poll_milliseconds(), std::numeric_limits<int>::max());
}

TEST(Deadline, APastTimeIsOverButNotImmediate) {
  const auto past = Deadline::at(Clock::now() - 1s);
  EXPECT_TRUE(past.expired());
  EXPECT_FALSE(past.is_immediate());
  EXPECT_EQ(past.remaining(), Clock::duration::zero());
  EXPECT_EQ(past.poll_milliseconds(), 0);
}

TEST(Deadline, PollIsToldToWaitOverTheLastFraction) {
  // Else the caller would spin: poll returns early and the deadline has not come.
  for (int i = 0; i < 1000; ++i) {
    const auto deadline = Deadline::after(3ms);
    const int wait = deadline.poll_milliseconds();
    const auto left = deadline.remaining();
    EXPECT_GE(std::chrono::milliseconds(wait), left);
    EXPECT_LE(wait, 3);
  }
}

TEST(Deadline, OrdersImmediateBeforeTimesBeforeInfinite) {
  const auto soon = Deadline::after(1s);
  const auto late = Deadline::after(2s);
  const std::vector<Deadline> order = {Deadline::immediate(), soon, late, Deadline::infinite()};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(order[i] < order[j], i < j);
      EXPECT_EQ(order[i] == order[j], i == j);
    }
  }
}

}  // namespace
}  // namespace visa
