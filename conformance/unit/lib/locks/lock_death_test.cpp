// SPDX-License-Identifier: MIT
// What happens between processes that wait, stop, fork and are killed. Times are printed; the
// limits are wide, because the machine is shared.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/lib/locks/lock_peer.h"

namespace visa::locks {
namespace {

constexpr SessionId kA = 1;
constexpr std::int64_t kLimit = 200'000'000;  // nanoseconds; promised are 20 ms

void report(const char* what, std::vector<std::int64_t> times) {
  std::sort(times.begin(), times.end());
  std::printf("%s: median %.2f ms, longest %.2f ms of %zu\n", what,
              static_cast<double>(times[times.size() / 2]) / 1e6,
              static_cast<double>(times.back()) / 1e6, times.size());
}

class LockDeaths : public testing::Test {
 protected:
  Status exclusive(SessionId session, int timeout = 0) {
    Call call(Deadline::after(std::chrono::milliseconds(timeout)));
    return domain->lock(session, LockKind::exclusive, {}, call).status;
  }

  TestFolder folder;
  LockRegistry registry{{folder.folder()}};
  std::shared_ptr<LockDomain> domain = registry.domain(kResource);
};

TEST_F(LockDeaths, WaiterHasTheLockWithin20MillisecondsOfItsRelease) {
  Peer peer(folder.path());
  std::vector<std::int64_t> times;
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(exclusive(kA), Status::success);
    peer.start_lock(kA, LockKind::exclusive, "", 20000);
    ASSERT_TRUE(lined_up(folder, 1));
    // Long enough for the pauses to have reached their longest, in half of the rounds.
    if (i % 2 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(45 + i % 8));
    const auto released = monotonic_now();
    ASSERT_EQ(domain->unlock(kA), Status::success);
    const PeerAnswer answer = peer.answer();
    ASSERT_EQ(answer.status, Status::success);
    times.push_back(answer.at - released);
    ASSERT_EQ(peer.unlock(kA), Status::success);
  }
  report("release to grant in another process", times);
  EXPECT_LT(*std::max_element(times.begin(), times.end()), kLimit);
}

TEST_F(LockDeaths, KilledHolderFreesItsLockAtOnce) {
  std::vector<std::int64_t> times;
  for (int i = 0; i < 10; ++i) {
    Peer peer(folder.path());
    ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
    ASSERT_FALSE(domain->may_pass(kA));
    ASSERT_EQ(exclusive(kA), Status::error_rsrc_locked);
    peer.kill();
    const auto killed = monotonic_now();
    EXPECT_TRUE(domain->may_pass(kA));  // asked before anybody locks
    EXPECT_EQ(domain->state(), LockState::none);
    EXPECT_EQ(exclusive(kA), Status::success);
    times.push_back(monotonic_now() - killed);
    ASSERT_EQ(domain->unlock(kA), Status::success);
  }
  report("death of the holder to grant of a newcomer", times);
}

TEST_F(LockDeaths, KilledGroupFreesItsLockAtOnce) {
  Peer one(folder.path());
  Peer two(folder.path());
  one.lock(kA, LockKind::shared, "key");
  two.lock(kA, LockKind::shared, "key");
  two.lock(kA, LockKind::exclusive);
  two.kill();
  EXPECT_EQ(domain->state(), LockState::shared);
  EXPECT_TRUE(one.may_pass(kA));
  one.kill();
  EXPECT_EQ(domain->state(), LockState::none);
  EXPECT_EQ(exclusive(kA), Status::success);
}

// The holder is killed while eight wait, and then each that gets it, holding it: every one has it
// once, alone. The order of arrival is kept unless the machine lets a waiter sleep over its turn.
TEST_F(LockDeaths, HolderKilledWhileEightWait) {
  Peer holder(folder.path());
  ASSERT_EQ(holder.lock(kA, LockKind::exclusive).status, Status::success);
  std::deque<Peer> peers;
  std::vector<Peer*> line;
  for (int i = 1; i <= 8; ++i) {
    line.push_back(&peers.emplace_back(folder.path()));
    line.back()->start_lock(kA, LockKind::exclusive, "", 60000);
    ASSERT_TRUE(lined_up(folder, i));
  }
  std::vector<std::int64_t> times;
  int overtaken = 0;
  Peer* last = &holder;
  while (!line.empty()) {
    const auto killed = monotonic_now();
    last->kill();
    const Deadline limit = Deadline::after(std::chrono::milliseconds(20000));
    auto next = line.end();
    while (next == line.end()) {
      ASSERT_FALSE(limit.expired()) << line.size() << " wait, and nobody has it";
      next =
          std::find_if(line.begin(), line.end(), [](Peer* peer) { return peer->has_answered(); });
    }
    if (next != line.begin()) ++overtaken;
    last = *next;
    line.erase(next);
    const PeerAnswer answer = last->answer();
    ASSERT_EQ(answer.status, Status::success);
    times.push_back(answer.at - killed);
    EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
    for (const Peer* peer : line) EXPECT_FALSE(peer->has_answered());
  }
  last->kill();
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_EQ(waiting_processes(folder), 0);
  report("SIGKILL of the holder to grant of a waiter", times);
  std::printf("overtaken: %d\n", overtaken);
  EXPECT_LT(*std::max_element(times.begin(), times.end()), kLimit);
}

TEST_F(LockDeaths, LivingChildOfADeadHolderKeepsNothing) {
  Peer peer(folder.path());
  ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  const pid_t child = peer.fork_child();
  EXPECT_FALSE(domain->may_pass(kA));
  peer.kill();
  EXPECT_EQ(::kill(child, 0), 0) << "the child must live for this test to say anything";
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_EQ(exclusive(kA), Status::success);
  ::kill(child, SIGKILL);
}

TEST_F(LockDeaths, DeathOfAChildTakesNothingFromItsParent) {
  Peer peer(folder.path());
  ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  const pid_t child = peer.fork_child();
  ::kill(child, SIGKILL);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(domain->may_pass(kA));
  EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success);
}

// What a child of fork does with a library of its own, while its parent holds the lock.
TEST_F(LockDeaths, ChildOfForkIsAProcessOfItsOwn) {
  ASSERT_EQ(exclusive(kA), Status::success);
  const pid_t child = ::fork();
  if (child == 0) {
    LockRegistry own({folder.folder()});
    const auto same = own.domain(kResource);
    int wrong = same->may_pass(kA) ? 1 : 0;
    if (same->state() != LockState::exclusive) wrong |= 2;
    Call call(Deadline::immediate());
    if (same->lock(kA, LockKind::exclusive, {}, call).status != Status::error_rsrc_locked)
      wrong |= 4;
    domain.reset();  // the inherited one lets go of nothing that is the parent's
    if (same->may_pass(kA)) wrong |= 8;
    ::_exit(wrong);
  }
  int how = 0;
  ASSERT_EQ(::waitpid(child, &how, 0), child);
  EXPECT_TRUE(WIFEXITED(how));
  EXPECT_EQ(WEXITSTATUS(how), 0);
  EXPECT_EQ(domain->unlock(kA), Status::success);
}

// The next owner of a slot must not wake the locks of the last.
TEST_F(LockDeaths, NewcomerInTheSlotOfADeadHolderRevivesNothing) {
  for (int i = 0; i < 80; ++i) {  // more than there are slots
    Peer peer(folder.path());
    ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success) << i;
    peer.kill();
    Peer next(folder.path(), "GPIB0::1::INSTR");
    ASSERT_EQ(next.lock(kA, LockKind::exclusive).status, Status::success);
    ASSERT_TRUE(domain->may_pass(kA));
  }
}

TEST_F(LockDeaths, StoppedWaiterDelaysTheOthersOnce) {
  Peer stopped(folder.path());
  ASSERT_EQ(exclusive(kA), Status::success);
  stopped.start_lock(kA, LockKind::exclusive, "", 60000);
  ASSERT_TRUE(lined_up(folder, 1));
  // While it waits: stopped in the microseconds in which it asks, with the guard of the file in its
  // hand, it keeps everybody out until their timeouts, as the holder of any mutex would.
  do {
    ::kill(stopped.pid(), SIGCONT);
    ::kill(stopped.pid(), SIGSTOP);
    int how = 0;
    ASSERT_EQ(::waitpid(stopped.pid(), &how, WUNTRACED), stopped.pid());
  } while (somebody_inside(folder));
  ASSERT_EQ(domain->unlock(kA), Status::success);
  const auto start = monotonic_now();
  EXPECT_EQ(exclusive(kA, 5000), Status::success);
  const auto first = monotonic_now() - start;
  EXPECT_EQ(domain->unlock(kA), Status::success);
  for (int i = 0; i < 20; ++i) {  // its turn is over
    EXPECT_EQ(exclusive(kA), Status::success);
    EXPECT_EQ(domain->unlock(kA), Status::success);
  }
  std::printf("delay by a stopped waiter: %.1f ms\n", static_cast<double>(first) / 1e6);
  EXPECT_EQ(exclusive(kA), Status::success);
  ::kill(stopped.pid(), SIGCONT);
  EXPECT_TRUE(lined_up(folder, 1));  // awake again, it is in line again
  EXPECT_EQ(domain->unlock(kA), Status::success);
  EXPECT_EQ(stopped.answer().status, Status::success);
}

// Processes that want it again at once, all the time: each is alone with it, and gets its share.
TEST_F(LockDeaths, FourProcessesExcludeEachOtherAndNobodyStarves) {
  std::deque<Peer> peers;
  for (int i = 0; i < 4; ++i) peers.emplace_back(folder.path());
  for (Peer& peer : peers) peer.start_cycles(1500, 20000);
  std::vector<int> counts;
  for (Peer& peer : peers) counts.push_back(peer.number());
  std::printf("turns of four processes in 1.5 s:");
  for (const int count : counts) std::printf(" %d", count);
  std::printf("\n");
  EXPECT_GE(*std::min_element(counts.begin(), counts.end()), 10);
  EXPECT_EQ(domain->state(), LockState::none);
}

TEST_F(LockDeaths, ProcessWithManyWaitingThreadsLetsOthersIn) {
  Peer peer(folder.path());
  peer.start_cycles(1000, 20000);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  std::atomic<int> turns{0};
  for (SessionId id = 1; id <= 4; ++id) {
    threads.emplace_back([&, id] {
      while (!stop) {
        EXPECT_EQ(exclusive(id, 20000), Status::success);
        ++turns;
        EXPECT_EQ(domain->unlock(id), Status::success);
      }
    });
  }
  const int others = peer.number();
  stop = true;
  for (auto& thread : threads) thread.join();
  std::printf("turns in 1 s: %d here, %d in the other process\n", turns.load(), others);
  EXPECT_GE(others, 10);
  EXPECT_GE(turns, 10);
}

}  // namespace
}  // namespace visa::locks
