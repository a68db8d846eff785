// SPDX-License-Identifier: MIT
// Lanes, waiting, and all the ways a waiter can leave. Threads are lined up by asking whether a
// probe call is refused the lane, never by sleeping.
#include "lib/core/traffic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "conformance/unit/support/ended_thread.h"
#include "conformance/unit/support/patience.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;
using test::Signal;

bool lane_is_free(Traffic& traffic, Lane lane) {
  Call probe(Deadline::immediate());
  return ok(Passage(traffic, probe, lane).status());
}

// A call on a thread of its own. It enters, says so, and stays until told to go.
class Visitor {
 public:
  Visitor(Traffic& traffic, Lane lane, Deadline deadline = Deadline::infinite())
      : call(deadline), thread_([this, &traffic, lane] {
          const Passage passage(traffic, call, lane);
          status = passage.status();
          answered.give();
          if (ok(*status)) static_cast<void>(leave.wait());
        }) {}
  ~Visitor() {
    leave.give();
    thread_.join();
  }

  Call call;
  std::optional<Status> status;
  Signal answered;
  Signal leave;

 private:
  std::thread thread_;
};

// Waiters register before they wait: closing or cancelling reaches each of them exactly once, so a
// test that must have one waiting cancels until it answers.
void cancel_until_answered(Traffic& traffic, Visitor& visitor) {
  while (!visitor.answered.given()) {
    traffic.cancel_all();
    std::this_thread::yield();
  }
}

TEST(Traffic, LetsAReaderAndAWriterIn) {
  Traffic traffic;
  Call read(Deadline::immediate());
  Call write(Deadline::immediate());
  const Passage reader(traffic, read, Lane::read);
  const Passage writer(traffic, write, Lane::write);
  EXPECT_EQ(reader.status(), Status::success);
  EXPECT_EQ(writer.status(), Status::success);
}

TEST(Traffic, AnImmediateCallDoesNotWaitForItsLane) {
  Traffic traffic;
  Call read(Deadline::immediate());
  const Passage reader(traffic, read, Lane::read);
  Call second(Deadline::immediate());
  EXPECT_EQ(Passage(traffic, second, Lane::read).status(), Status::error_tmo);
  EXPECT_EQ(Passage(traffic, second, Lane::both).status(), Status::error_tmo);
  EXPECT_EQ(Passage(traffic, second, Lane::write).status(), Status::success);
  EXPECT_EQ(Passage(traffic, second, Lane::none).status(), Status::success);
}

TEST(Traffic, BothExcludesEither) {
  Traffic traffic;
  Call call(Deadline::immediate());
  const Passage both(traffic, call, Lane::both);
  EXPECT_FALSE(lane_is_free(traffic, Lane::read));
  EXPECT_FALSE(lane_is_free(traffic, Lane::write));
  EXPECT_TRUE(lane_is_free(traffic, Lane::none));
}

TEST(Traffic, AWaiterThatGaveUpLeavesNoTrace) {
  Traffic traffic;
  {
    Call holder(Deadline::immediate());
    const Passage read(traffic, holder, Lane::read);
    Call late(Deadline::after(5ms));
    EXPECT_EQ(Passage(traffic, late, Lane::read).status(), Status::error_tmo);
  }
  EXPECT_TRUE(lane_is_free(traffic, Lane::both));
  EXPECT_TRUE(traffic.wait_until_empty(Deadline::immediate()));
}

TEST(Traffic, TimesOutNotBeforeItsDeadline) {
  Traffic traffic;
  Call holder(Deadline::immediate());
  const Passage read(traffic, holder, Lane::read);
  const auto until = Deadline::after(30ms);
  Call late(until);
  EXPECT_EQ(Passage(traffic, late, Lane::read).status(), Status::error_tmo);
  EXPECT_GE(std::chrono::steady_clock::now(), until.time_point());
}

TEST(Traffic, AWaiterGoesInWhenTheLaneIsLeft) {
  Traffic traffic;
  Visitor first(traffic, Lane::read);
  ASSERT_TRUE(first.answered.wait());
  Visitor second(traffic, Lane::read);
  first.leave.give();
  ASSERT_TRUE(second.answered.wait());
  EXPECT_EQ(second.status, Status::success);
}

TEST(Traffic, CancelEndsInsidersAndWaiters) {
  Traffic traffic;
  Visitor inside(traffic, Lane::both);
  ASSERT_TRUE(inside.answered.wait());
  Visitor waiting(traffic, Lane::read);
  cancel_until_answered(traffic, waiting);
  EXPECT_EQ(waiting.status, Status::error_abort);
  EXPECT_TRUE(inside.call.cancelled());
}

TEST(Traffic, CancelDoesNotTouchTheNextCall) {
  Traffic traffic;
  traffic.cancel_all();
  Call next(Deadline::immediate());
  const Passage passage(traffic, next, Lane::both);
  EXPECT_EQ(passage.status(), Status::success);
  EXPECT_FALSE(next.cancelled());
}

TEST(Traffic, CloseRefusesNewcomersAndEndsTheOthers) {
  Traffic traffic;
  Visitor inside(traffic, Lane::both);
  ASSERT_TRUE(inside.answered.wait());
  traffic.close();
  EXPECT_TRUE(inside.call.cancelled());
  Call late(Deadline::infinite());
  EXPECT_EQ(Passage(traffic, late, Lane::none).status(), Status::error_inv_object);
  EXPECT_FALSE(traffic.wait_until_empty(Deadline::immediate()));
  inside.leave.give();
  EXPECT_TRUE(traffic.wait_until_empty(Deadline::after(test::kPatience)));
}

TEST(Traffic, CloseEndsWaitersOfEveryLane) {
  Traffic traffic;
  Visitor inside(traffic, Lane::both);
  ASSERT_TRUE(inside.answered.wait());
  Visitor reader(traffic, Lane::read);
  Visitor writer(traffic, Lane::write);
  traffic.close();
  ASSERT_TRUE(reader.answered.wait());
  ASSERT_TRUE(writer.answered.wait());
  // Cancelled while waiting, or too late to register at all.
  for (const auto status : {*reader.status, *writer.status}) {
    EXPECT_TRUE(status == Status::error_abort || status == Status::error_inv_object);
  }
}

TEST(Traffic, WaitsForTheLastToLeaveNotLonger) {
  Traffic traffic;
  EXPECT_TRUE(traffic.wait_until_empty(Deadline::immediate()));
  Visitor inside(traffic, Lane::none);
  ASSERT_TRUE(inside.answered.wait());
  const auto until = Deadline::after(20ms);
  EXPECT_FALSE(traffic.wait_until_empty(until));
  EXPECT_GE(std::chrono::steady_clock::now(), until.time_point());
}

// pthread_cancel of a thread that waits for its lane: it ends by forced unwinding, and the lane
// works on.
TEST(Traffic, AWaiterEndedByForceLeavesTheLaneUsable) {
  for (const bool limited : {false, true}) {
    Traffic traffic;
    Signal started;
    {
      Call holder(Deadline::infinite());
      const Passage held(traffic, holder, Lane::read);
      test::EndedThread waiter([&] {
        Call call(limited ? Deadline::after(test::kPatience) : Deadline::infinite());
        started.give();
        const Passage passage(traffic, call, Lane::read);
      });
      ASSERT_TRUE(started.wait());
      waiter.cancel();  // deferred: acts in the wait
      EXPECT_TRUE(waiter.join());
      EXPECT_FALSE(lane_is_free(traffic, Lane::read));
    }
    EXPECT_TRUE(lane_is_free(traffic, Lane::both));
    EXPECT_TRUE(traffic.wait_until_empty(Deadline::immediate()));
  }
}

TEST(Traffic, EightThreadsNeverShareALane) {
  Traffic traffic;
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
  std::atomic<int> crowded{0};
  std::atomic<int> entered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      constexpr Lane kLanes[] = {Lane::read, Lane::write, Lane::both, Lane::none};
      const Lane lane = kLanes[t % 4];
      const auto bits = static_cast<unsigned>(lane);
      for (int i = 0; i < 500; ++i) {
        Call call(Deadline::infinite());
        const Passage passage(traffic, call, lane);
        if (passage.status() != Status::success) continue;
        ++entered;
        if ((bits & 1) != 0 && ++readers > 1) ++crowded;
        if ((bits & 2) != 0 && ++writers > 1) ++crowded;
        if ((bits & 1) != 0) --readers;
        if ((bits & 2) != 0) --writers;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(crowded, 0);
  EXPECT_EQ(entered, 8 * 500);
}

}  // namespace
}  // namespace visa::core
