// SPDX-License-Identifier: MIT
// Waits that notice signals, and lose no notification.
#include "lib/base/condition.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "conformance/unit/support/interrupted_call.h"

namespace visa {
namespace {

using namespace std::chrono_literals;

struct Shared {
  Mutex mutex;
  Condition changed;
  int turn VISA_GUARDED_BY(mutex) = 0;
};

/// Waits until it is the turn of `wanted`; false if the deadline or a cancel came first.
bool await(Shared& shared, int wanted, const Call& call) {
  MutexLock lock(shared.mutex);
  while (shared.turn != wanted) {
    if (call.cancelled() || call.deadline.expired()) return false;
    shared.changed.wait_until(lock, call.deadline.time_point(), call);
  }
  return true;
}

TEST(Condition, SignalEndsTheWaitOfACallThatEndsOnSignals) {
  Shared shared;
  for (const Deadline deadline : {Deadline::after(60s), Deadline::infinite()}) {
    Call call(deadline);
    call.ends_on_signal = true;
    EXPECT_FALSE(test::interrupted_call([&] { return await(shared, 1, call); }));
    EXPECT_TRUE(call.cancelled());
    EXPECT_TRUE(call.ended_by_signal());
    EXPECT_FALSE(call.deadline.expired());
  }
}

TEST(Condition, SignalEndsNoOtherWait) {
  Shared shared;
  Call call(Deadline::after(100ms));
  EXPECT_FALSE(test::interrupted_call([&] { return await(shared, 1, call); }));
  EXPECT_FALSE(call.cancelled());
  EXPECT_TRUE(call.deadline.expired());
}

TEST(Condition, PartOfACallEndsTheWholeOfIt) {
  Shared shared;
  Call call(Deadline::after(60s));
  call.ends_on_signal = true;
  const Call part(call, Deadline::after(50s));
  EXPECT_FALSE(test::interrupted_call([&] { return await(shared, 1, part); }));
  EXPECT_TRUE(call.cancelled());
}

TEST(Condition, DeadlineEndsASleepThatNoSignalInterrupts) {
  Shared shared;
  Call call(Deadline::after(20ms));
  call.ends_on_signal = true;
  EXPECT_FALSE(await(shared, 1, call));
  EXPECT_FALSE(call.cancelled());
}

// Two threads pass the turn on, one that watches signals and one that does not.
TEST(Condition, NoNotificationIsLostBetweenBothKindsOfWaits) {
  constexpr int kTurns = 2000;
  Shared shared;
  const auto play = [&shared](int first, bool watches) {
    Call call(Deadline::after(60s));
    call.ends_on_signal = watches;
    for (int turn = first; turn < kTurns; turn += 2) {
      if (!await(shared, turn, call)) return false;
      {
        const MutexLock lock(shared.mutex);
        shared.turn = turn + 1;
      }
      shared.changed.notify_all();
    }
    return true;
  };
  bool other = false;
  std::thread thread([&] { other = play(1, true); });
  EXPECT_TRUE(play(0, false));
  thread.join();
  EXPECT_TRUE(other);
}

}  // namespace
}  // namespace visa
