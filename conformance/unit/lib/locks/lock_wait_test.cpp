// SPDX-License-Identifier: MIT
// Waiting for a lock: time, order, hand-over, cancel, and many threads at once (ThreadSanitizer
// runs this file too). Threads are lined up by asking the domain how many wait, never by sleeping.
#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/support/ended_thread.h"
#include "lib/locks/lock_domain.h"

namespace visa::locks {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr SessionId kA = 0x101;
constexpr SessionId kB = 0x102;
constexpr SessionId kC = 0x103;

/// A request on a thread of its own.
class Request {
 public:
  Request(LockDomain& domain, SessionId session, LockKind kind, std::string key = "",
          Deadline deadline = Deadline::after(milliseconds(20000)))
      : call(deadline), thread_([this, &domain, session, kind, key] {
          granted_ = domain.lock(session, kind, key, call);
          done = true;
        }) {}
  ~Request() {
    if (thread_.joinable()) thread_.join();
  }
  const LockDomain::Granted& result() {
    if (thread_.joinable()) thread_.join();
    return granted_;
  }
  Status status() { return result().status; }

  Call call;
  std::atomic<bool> done{false};

 private:
  LockDomain::Granted granted_{};
  std::thread thread_;
};

class LockWaiting : public testing::Test {
 protected:
  Status now(SessionId session, LockKind kind, std::string_view key = "") {
    Call call(Deadline::immediate());
    return domain.lock(session, kind, key, call).status;
  }
  void wait_for_ever(LockKind kind) {
    Call call(Deadline::infinite());
    domain.lock(kB, kind, {}, call);
  }
  /// Until `count` requests stand in line.
  void lined_up(std::size_t count) {
    const auto limit = Clock::now() + std::chrono::seconds(20);
    while (domain.waiting() != count) {
      ASSERT_LT(Clock::now(), limit) << domain.waiting() << " wait instead of " << count;
      std::this_thread::yield();
    }
  }

  LockDomain domain{"TCPIP0::bench::5025::SOCKET"};
};

TEST_F(LockWaiting, rule_3_6_22_waits_at_least_its_time_then_tmo) {
  now(kA, LockKind::exclusive);
  for (const LockKind kind : {LockKind::exclusive, LockKind::shared}) {
    Call call(Deadline::after(milliseconds(150)));
    const auto start = Clock::now();
    EXPECT_EQ(domain.lock(kB, kind, "key", call).status, Status::error_tmo);
    EXPECT_GE(Clock::now() - start, milliseconds(150));
    EXPECT_LT(Clock::now() - start, std::chrono::seconds(20));
    EXPECT_NE(call.detail.find("0x101"), std::string::npos) << call.detail;
  }
  EXPECT_EQ(domain.waiting(), 0u);
  EXPECT_EQ(domain.unlock(kB), Status::error_sesn_nlocked);
  EXPECT_EQ(domain.unlock(kA), Status::success);
  EXPECT_EQ(domain.state(), LockState::none);  // who gave up is not served later
}

TEST_F(LockWaiting, rule_3_6_22_takes_the_lock_when_it_is_freed_in_the_meantime) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive);
  lined_up(1);
  EXPECT_FALSE(b.done);
  domain.unlock(kA);
  EXPECT_EQ(b.status(), Status::success);
  EXPECT_TRUE(domain.may_pass(kB));
  EXPECT_FALSE(domain.may_pass(kA));
}

TEST_F(LockWaiting, InfiniteWaitEndsWithTheLock) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive, "", Deadline::infinite());
  lined_up(1);
  domain.unlock(kA);
  EXPECT_EQ(b.status(), Status::success);
}

TEST_F(LockWaiting, rule_3_6_21_release_all_of_the_holder_serves_the_waiter) {
  now(kA, LockKind::shared, "key");
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive);
  lined_up(1);
  domain.unlock(kA);  // the shared lock still keeps B out
  EXPECT_EQ(domain.waiting(), 1u);
  domain.release_all(kA);
  EXPECT_EQ(b.status(), Status::success);
}

TEST_F(LockWaiting, HandOverKeepsTheOrderOfArrivalAndLetsNobodyIn) {
  now(kA, LockKind::exclusive);
  std::deque<Request> line;
  for (SessionId id = 1; id <= 8; ++id) {
    line.emplace_back(domain, id, LockKind::exclusive);
    lined_up(id);
  }
  domain.unlock(kA);
  for (SessionId id = 1; id <= 8; ++id) {
    EXPECT_EQ(now(kA, LockKind::exclusive), Status::error_rsrc_locked);  // not free for a moment
    EXPECT_EQ(line[id - 1].status(), Status::success);
    EXPECT_EQ(domain.waiting(), 8u - id);
    EXPECT_EQ(domain.unlock(id), Status::success);
  }
  EXPECT_EQ(domain.state(), LockState::none);
}

TEST_F(LockWaiting, OneReleaseServesAllWaitersOfOneKey) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::shared, "key");
  lined_up(1);
  Request other(domain, 0x200, LockKind::shared, "other");
  lined_up(2);
  Request c(domain, kC, LockKind::shared, "key");
  lined_up(3);
  domain.unlock(kA);
  EXPECT_EQ(b.status(), Status::success);
  EXPECT_EQ(c.status(), Status::success);
  EXPECT_EQ(b.result().key, "key");
  EXPECT_EQ(c.result().key, "key");
  EXPECT_FALSE(other.done);
  domain.unlock(kB);
  EXPECT_EQ(domain.waiting(), 1u);
  domain.unlock(kC);
  EXPECT_EQ(other.result().key, "other");
}

TEST_F(LockWaiting, WaiterWithoutKeyFoundsItsOwnGroup) {
  now(kA, LockKind::shared, "key");
  Request b(domain, kB, LockKind::shared);
  lined_up(1);
  domain.unlock(kA);
  EXPECT_EQ(b.status(), Status::success);
  EXPECT_EQ(b.result().key.size(), 36u);
  EXPECT_EQ(now(kC, LockKind::shared, b.result().key), Status::success);
}

TEST_F(LockWaiting, TwoMembersTakeTurnsWithExclusive) {
  now(kA, LockKind::shared, "key");
  now(kB, LockKind::shared, "key");
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive);
  lined_up(1);
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_shared);
  EXPECT_EQ(b.status(), Status::success);
  EXPECT_FALSE(domain.may_pass(kA));
}

TEST_F(LockWaiting, KeyHolderJoinsPastAWaiterForExclusive) {
  now(kA, LockKind::shared, "key");
  Request b(domain, kB, LockKind::exclusive);
  lined_up(1);
  EXPECT_EQ(now(kC, LockKind::shared, "key"), Status::success);  // table A2: joins, does not wait
  domain.unlock(kA);
  EXPECT_EQ(domain.waiting(), 1u);
  domain.unlock(kC);
  EXPECT_EQ(b.status(), Status::success);
}

// Two threads of one session: what the one gets decides what the other's request means.
TEST_F(LockWaiting, TwoRequestsOfOneSessionAreBothServedByOneRelease) {
  now(kA, LockKind::exclusive);
  Request first(domain, kB, LockKind::exclusive);
  lined_up(1);
  Request second(domain, kB, LockKind::exclusive);
  lined_up(2);
  domain.unlock(kA);
  EXPECT_EQ(first.status(), Status::success);
  EXPECT_EQ(second.status(), Status::success_nested_exclusive);
  EXPECT_EQ(domain.unlock(kB), Status::success_nested_exclusive);
  EXPECT_EQ(domain.unlock(kB), Status::success);
}

TEST_F(LockWaiting, rule_3_6_12_reaches_a_waiter_whose_session_got_exclusive_meanwhile) {
  now(kA, LockKind::exclusive);
  Request first(domain, kB, LockKind::exclusive);
  lined_up(1);
  Request second(domain, kB, LockKind::shared, "key");
  lined_up(2);
  domain.unlock(kA);
  EXPECT_EQ(first.status(), Status::success);
  EXPECT_EQ(second.status(), Status::error_rsrc_locked);
}

TEST_F(LockWaiting, OlderRequestOfASessionIsServedWhenAYoungerOneJoinsTheGroup) {
  now(kA, LockKind::shared, "key");
  Request older(domain, kB, LockKind::exclusive);
  lined_up(1);
  EXPECT_EQ(now(kB, LockKind::shared, "key"), Status::success);
  EXPECT_EQ(older.status(), Status::success);  // a member may go over the group
  EXPECT_FALSE(domain.may_pass(kA));
}

TEST_F(LockWaiting, YoungerRequestServedInTheLineDecidesTheOlderOneOfItsSession) {
  now(kA, LockKind::shared, "key");
  now(kA, LockKind::exclusive);
  Request older(domain, kB, LockKind::exclusive);
  lined_up(1);
  Request younger(domain, kB, LockKind::shared, "key");
  lined_up(2);
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_shared);
  EXPECT_EQ(younger.status(),
            Status::success);  // joins the group, and so the older one may go over
  EXPECT_EQ(older.status(), Status::success);
  EXPECT_FALSE(domain.may_pass(kA));
}

TEST_F(LockWaiting, CancelledWaiterAbortsAndOthersStay) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive, "", Deadline::infinite());
  Request c(domain, kC, LockKind::exclusive, "", Deadline::infinite());
  lined_up(2);
  b.call.cancel();
  domain.wake();
  EXPECT_EQ(b.status(), Status::error_abort);
  EXPECT_FALSE(c.done);
  EXPECT_EQ(domain.waiting(), 1u);
  domain.unlock(kA);
  EXPECT_EQ(c.status(), Status::success);
}

TEST_F(LockWaiting, WakeWithoutCancelEndsNothing) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive, "", Deadline::infinite());
  lined_up(1);
  for (int i = 0; i < 100; ++i) domain.wake();
  EXPECT_EQ(domain.waiting(), 1u);
  EXPECT_FALSE(b.done);
  domain.unlock(kA);
  EXPECT_EQ(b.status(), Status::success);
}

TEST_F(LockWaiting, ReleaseAllEndsTheWaitsOfTheClosingSession) {
  now(kA, LockKind::exclusive);
  Request b(domain, kB, LockKind::exclusive, "", Deadline::infinite());
  Request c(domain, kC, LockKind::exclusive, "", Deadline::infinite());
  lined_up(2);
  domain.release_all(kB);
  EXPECT_EQ(b.status(), Status::error_abort);
  domain.unlock(kA);
  EXPECT_EQ(c.status(), Status::success);
}

// pthread_cancel ends a thread inside viLock by forced unwinding (Python at exit): its place in
// line must go with its stack.
TEST_F(LockWaiting, ThreadCancelledInLineLeavesNothingBehind) {
  now(kA, LockKind::exclusive);
  pthread_t thread{};
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* shared) -> void* {
                  Call call(Deadline::infinite());
                  static_cast<LockDomain*>(shared)->lock(kB, LockKind::exclusive, {}, call);
                  return nullptr;
                },
                &domain),
            0);
  lined_up(1);
  ASSERT_EQ(pthread_cancel(thread), 0);
  void* how = nullptr;
  ASSERT_EQ(pthread_join(thread, &how), 0);
  EXPECT_EQ(how, PTHREAD_CANCELED);
  EXPECT_EQ(domain.waiting(), 0u);
  EXPECT_EQ(domain.unlock(kA), Status::success);
  EXPECT_EQ(now(kC, LockKind::exclusive), Status::success);
}

// The grant and the cancellation can meet: a thread that is cancelled after its request was granted
// never learns of the lock, so nobody would release it.
TEST_F(LockWaiting, ThreadCancelledWhenItsLockIsGrantedHoldsNothing) {
  for (int round = 0; round < 500; ++round) {
    ASSERT_EQ(now(kA, LockKind::exclusive), Status::success) << "round " << round;
    test::EndedThread waiter([&] { wait_for_ever(LockKind::exclusive); });
    lined_up(1);
    EXPECT_EQ(domain.unlock(kA), Status::success);
    waiter.cancel();
    if (!waiter.join()) {
      EXPECT_EQ(domain.unlock(kB), Status::success);
    }
    ASSERT_EQ(domain.state(), LockState::none) << "round " << round;
  }
}

// Exclusive locks go first in viUnlock, so that lock of the other thread was given back instead.
TEST_F(LockWaiting, ThreadCancelledWhenItsLockIsGrantedLeavesTheOtherKindOfTheSession) {
  for (int round = 0; round < 500; ++round) {
    ASSERT_EQ(now(kA, LockKind::exclusive), Status::success) << "round " << round;
    test::EndedThread waiter([&] { wait_for_ever(LockKind::shared); });
    lined_up(1);
    Request exclusive(domain, kB, LockKind::exclusive);
    lined_up(2);
    EXPECT_EQ(domain.unlock(kA), Status::success);
    waiter.cancel();
    const bool cancelled = waiter.join();
    ASSERT_EQ(exclusive.status(), Status::success);
    ASSERT_EQ(domain.state(), LockState::exclusive) << "round " << round;
    EXPECT_EQ(domain.unlock(kB), cancelled ? Status::success : Status::success_nested_shared);
    domain.release_all(kB);
  }
}

// A lock makes write + read atomic against the other sessions, and nobody starves.
TEST_F(LockWaiting, EightSessionsExcludeEachOtherAndAllGetTheirTurns) {
  int unguarded = 0;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (SessionId id = 1; id <= 8; ++id) {
    threads.emplace_back([&, id] {
      for (int i = 0; i < 200; ++i) {
        Call call(Deadline::after(std::chrono::seconds(20)));
        if (failed(domain.lock(id, LockKind::exclusive, {}, call).status)) ++refused;
        const int before = unguarded;
        if (!domain.may_pass(id) || domain.may_pass(id + 1)) ++refused;
        unguarded = before + 1;
        if (domain.unlock(id) != Status::success) ++refused;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(unguarded, 1600);
  EXPECT_EQ(domain.state(), LockState::none);
}

// Every kind of request, with waits that are served, run out and are cancelled, on three keys.
// Checked: an exclusive holder is alone, a member passes, and at the end nothing is held and nobody
// waits.
TEST_F(LockWaiting, MixedRequestsFromEightThreadsKeepTheRules) {
  std::atomic<int> exclusive_inside{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (SessionId id = 1; id <= 8; ++id) {
    threads.emplace_back([&, id] {
      for (unsigned i = 0; i < 300; ++i) {
        const unsigned dice = (i * 7 + id * 13) % 10;
        Call call(dice == 0 ? Deadline::immediate() : Deadline::after(milliseconds(1 + dice)));
        if (dice == 1) call.cancel();
        const LockKind kind = dice % 2 == 0 ? LockKind::exclusive : LockKind::shared;
        const std::string key(1, static_cast<char>('a' + dice % 3));
        const auto granted = domain.lock(id, kind, key, call);
        if (failed(granted.status)) continue;
        if (granted.status != Status::success) ++wrong;  // every turn starts with nothing held
        if (kind == LockKind::exclusive) {
          if (exclusive_inside.fetch_add(1) != 0 || !domain.may_pass(id)) ++wrong;
          exclusive_inside.fetch_sub(1);
        } else if (granted.key != key || !domain.may_pass(id) || exclusive_inside != 0) {
          ++wrong;
        }
        if (dice % 4 == 3) domain.wake();
        if (dice % 3 == 0) {
          domain.release_all(id);
        } else if (domain.unlock(id) != Status::success) {
          ++wrong;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(domain.state(), LockState::none);
  EXPECT_EQ(domain.waiting(), 0u);
}

}  // namespace
}  // namespace visa::locks
