// SPDX-License-Identifier: MIT
// The thread of a late answer: begins, is replaced, ends when it is dismissed. What it waits for:
// vxi11_late_answer_test.
#include "drivers/vxi11/late_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>

namespace visa::test {
namespace {

using drivers::vxi11::LateWatch;

TEST(LateWatch, RunsItsBodyAndIsDismissed) {
  LateWatch watch([] {});
  EXPECT_FALSE(watch.dismiss());
  std::promise<void> done;
  watch.start([&](Call& call) {
    EXPECT_TRUE(call.deadline.is_infinite());
    done.set_value();
  });
  done.get_future().wait();
  EXPECT_TRUE(watch.dismiss());
  EXPECT_FALSE(watch.dismiss());
}

TEST(LateWatch, DismissCancelsAndWakesTheBody) {
  std::promise<void> woken;
  std::atomic<bool> cancelled{false};
  LateWatch watch([&] { woken.set_value(); });
  watch.start([&](Call& call) {
    woken.get_future().wait();
    cancelled = call.cancelled();
  });
  EXPECT_TRUE(watch.dismiss());
  EXPECT_TRUE(cancelled);
}

TEST(LateWatch, ASecondBodyTakesThePlaceOfTheFirst) {
  std::atomic<int> begun{0};
  LateWatch watch([] {});
  for (int i = 0; i < 3; ++i) watch.start([&](Call&) { ++begun; });
  watch.dismiss();
  EXPECT_EQ(begun, 3);
}

TEST(LateWatch, BodyWithoutMemoryEndsAlone) {
  LateWatch watch([] {});
  watch.start([](Call&) { throw std::bad_alloc(); });
  EXPECT_TRUE(watch.dismiss());
}

}  // namespace
}  // namespace visa::test
