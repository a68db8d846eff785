// SPDX-License-Identifier: MIT
#include "tools/freevisa/pause.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "tools/freevisa/interruption.h"

namespace visa::tool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

TEST(Pause, LastsUntilItsTime) {
  const Clock::time_point time = Clock::now() + milliseconds(20);
  EXPECT_TRUE(pause_until(time));
  EXPECT_GE(Clock::now(), time);
  EXPECT_TRUE(pause_until(Clock::now() - hours(1))) << "a time that is over";
}

TEST(Pause, AnInterruptBeforeItOrWithinEndsIt) {
  struct sigaction before {};
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &before), 0);
  catch_interrupts();
  ::raise(SIGINT);
  EXPECT_FALSE(pause_until(Clock::now() + hours(1)));
  EXPECT_TRUE(take_interrupt());
  EXPECT_FALSE(take_interrupt()) << "each once";
  EXPECT_TRUE(pause_until(Clock::now() + milliseconds(1)));
  ::sigaction(SIGINT, &before, nullptr);
}

TEST(Pause, InputIsWaitedForUnlessAnInterruptCame) {
  struct sigaction before {};
  ASSERT_EQ(::sigaction(SIGINT, nullptr, &before), 0);
  catch_interrupts();
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::raise(SIGINT);
  EXPECT_FALSE(wait_for_input(ends[0]));
  EXPECT_TRUE(take_interrupt());
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_TRUE(wait_for_input(ends[0]));
  ::close(ends[0]);
  ::close(ends[1]);
  ::sigaction(SIGINT, &before, nullptr);
}

}  // namespace
}  // namespace visa::tool
