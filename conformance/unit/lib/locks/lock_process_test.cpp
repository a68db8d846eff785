// SPDX-License-Identifier: MIT
// Every row of the lock tables (A2, A3, A5) across two processes: this one holds or asks, a peer
// asks or holds. What one session of one process does is in lock_domain_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/lib/locks/lock_peer.h"

namespace visa::locks {
namespace {

// The same handles in both processes, as they would be: they must not be taken for each other.
constexpr SessionId kA = 1;
constexpr SessionId kB = 2;

class LockProcesses : public testing::Test {
 protected:
  LockDomain::Granted lock(SessionId session, LockKind kind, std::string_view key = "",
                           int timeout = 0) {
    Call call(Deadline::after(std::chrono::milliseconds(timeout)));
    auto granted = domain->lock(session, kind, key, call);
    detail = call.detail;
    return granted;
  }
  Status exclusive(SessionId session, int timeout = 0) {
    return lock(session, LockKind::exclusive, "", timeout).status;
  }
  Status shared(SessionId session, std::string_view key, int timeout = 0) {
    return lock(session, LockKind::shared, key, timeout).status;
  }

  TestFolder folder;
  LockRegistry registry{{folder.folder()}};
  std::shared_ptr<LockDomain> domain = registry.domain(kResource);
  Peer peer{folder.path()};
  std::string detail;
};

// A2, nobody holds.

TEST_F(LockProcesses, rule_3_6_27_exclusive_of_a_free_resource_in_both_directions) {
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_EQ(domain->unlock(kA), Status::success);
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
}

TEST_F(LockProcesses, rule_3_6_29_shared_of_a_free_resource) {
  EXPECT_EQ(shared(kA, "key"), Status::success);
  domain->release_all(kA);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "other").key, "other");
}

// A2, another session holds exclusive; rule 3.6.8.

TEST_F(LockProcesses, rule_3_6_8_exclusive_shuts_out_the_sessions_of_other_processes) {
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_FALSE(peer.may_pass(kA));
  EXPECT_FALSE(peer.may_pass(kB));
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);  // 3.6.23
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "key").status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive, "", 60).status, Status::error_tmo);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "key", 60).status, Status::error_tmo);
  EXPECT_EQ(peer.unlock(kA), Status::error_sesn_nlocked);  // 3.6.38
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_EQ(domain->unlock(kA), Status::success);
  EXPECT_TRUE(peer.may_pass(kA));
}

TEST_F(LockProcesses, ARefusalNamesTheProcessAndItsProgram) {
  ASSERT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  const std::string holder = "exclusively by process " + std::to_string(peer.pid()) + " (exe)";
  EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
  EXPECT_THAT(detail, testing::HasSubstr(holder));
  EXPECT_EQ(exclusive(kA, 20), Status::error_tmo);
  EXPECT_THAT(detail, testing::HasSubstr(holder));
  ASSERT_FALSE(domain->may_pass(kA));
  Call call(Deadline::immediate());
  EXPECT_EQ(domain->refuse(call), Status::error_rsrc_locked);
  EXPECT_THAT(call.detail, testing::HasSubstr(holder));
}

TEST_F(LockProcesses, TextsSayHowFarLocksReach) {
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_EQ(detail, "");
  EXPECT_EQ(domain->where(), "locks meet in " + folder.path());
  LockRegistry alone({{folder.path() + "/missing", false}});
  const auto divided = alone.domain(kResource);
  Call call(Deadline::immediate());
  EXPECT_EQ(divided->lock(kA, LockKind::exclusive, {}, call).status, Status::success);
  for (const std::string& text : {call.detail, divided->where()}) {
    EXPECT_THAT(text, testing::HasSubstr("locks hold inside this process only, because"));
    EXPECT_THAT(text, testing::HasSubstr("missing: No such file"));
  }
}

TEST_F(LockProcesses, TheSameTheOtherWayRound) {
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(domain->may_pass(kA));
  EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kA, "key"), Status::error_rsrc_locked);
  EXPECT_EQ(exclusive(kA, 60), Status::error_tmo);
  EXPECT_THAT(detail, testing::HasSubstr("process " + std::to_string(peer.pid())));
  EXPECT_EQ(domain->unlock(kA), Status::error_sesn_nlocked);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_TRUE(domain->may_pass(kA));
}

TEST_F(LockProcesses, rule_3_6_22_waits_at_least_its_time) {
  peer.lock(kA, LockKind::exclusive);
  for (const int time : {1, 3, 30, 150}) {
    const auto start = monotonic_now();
    EXPECT_EQ(exclusive(kA, time), Status::error_tmo);
    EXPECT_GE(monotonic_now() - start, time * 1000000) << time;
    EXPECT_LT(monotonic_now() - start, (time + 20000) * 1000000LL) << time;
  }
}

TEST_F(LockProcesses, rule_3_6_11_nested_locks_hold_until_the_last_unlock) {
  peer.lock(kA, LockKind::exclusive);
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success_nested_exclusive);  // 3.6.28
  EXPECT_EQ(peer.unlock(kA), Status::success_nested_exclusive);                            // 3.6.32
  EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success);
}

TEST_F(LockProcesses, rule_3_6_12_shared_over_own_exclusive_is_refused_and_changes_nothing) {
  peer.lock(kA, LockKind::exclusive);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "key", 5000).status, Status::error_rsrc_locked);
  EXPECT_FALSE(domain->may_pass(kA));
}

// A2, another session shares.

TEST_F(LockProcesses, rule_3_6_18_the_key_opens_the_group_to_other_processes) {
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "key").status, Status::success);
  EXPECT_FALSE(domain->may_pass(kA));
  const auto joined = lock(kA, LockKind::shared, "key");
  EXPECT_EQ(joined.status, Status::success);
  EXPECT_EQ(joined.key, "key");
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_FALSE(domain->may_pass(kB));
  EXPECT_TRUE(peer.may_pass(kA));
  EXPECT_FALSE(peer.may_pass(kB));
}

TEST_F(LockProcesses, rule_3_6_16_a_generated_key_opens_the_group_too) {
  const auto founder = peer.lock(kA, LockKind::shared);
  EXPECT_EQ(founder.key.size(), 36u);
  EXPECT_EQ(shared(kA, founder.key), Status::success);
  EXPECT_EQ(lock(kA, LockKind::shared).key, founder.key);  // 3.6.20
}

TEST_F(LockProcesses, rule_3_6_17_keys_of_255_characters) {
  const std::string longest(255, 'k');
  EXPECT_EQ(shared(kA, longest), Status::success);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, longest.substr(1)).status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, longest + "k").status, Status::error_inv_access_key);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, longest).key, longest);
}

TEST_F(LockProcesses, WhoHasNotTheKeyWaitsForTheGroupToEnd) {
  peer.lock(kA, LockKind::shared, "key");
  EXPECT_EQ(shared(kA, "other"), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kA, ""), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kA, "ke"), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kA, "key2"), Status::error_rsrc_locked);
  EXPECT_EQ(exclusive(kA), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kA, "other", 60), Status::error_tmo);
  EXPECT_EQ(exclusive(kA, 60), Status::error_tmo);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(shared(kA, "other"), Status::success);
}

TEST_F(LockProcesses, TheGroupOutlivesItsFounderInAnotherProcess) {
  peer.lock(kA, LockKind::shared, "key");
  shared(kA, "key");
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_FALSE(peer.may_pass(kA));
  EXPECT_EQ(peer.lock(kB, LockKind::shared, "wrong").status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock(kB, LockKind::shared, "key").status, Status::success);
  domain->release_all(kA);
  peer.release_all(kB);
  EXPECT_EQ(shared(kB, "new"), Status::success);  // the old key went with the last member
  EXPECT_EQ(peer.lock(kB, LockKind::shared, "key").status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock(kB, LockKind::shared, "new").status, Status::success);
}

// A2, same session shares, and others of its group.

TEST_F(LockProcesses, MemberGoesOverTheGroupAndShutsTheOthersOutMeanwhile) {
  peer.lock(kA, LockKind::shared, "key");
  shared(kA, "key");
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_TRUE(domain->may_pass(kA));
  EXPECT_FALSE(peer.may_pass(kA));
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
  EXPECT_EQ(peer.lock(kA, LockKind::shared, "key").status, Status::success_nested_shared);
  EXPECT_EQ(peer.lock(kB, LockKind::shared, "key").status, Status::error_rsrc_locked);
  EXPECT_EQ(domain->unlock(kA), Status::success_nested_shared);  // 3.6.33
  EXPECT_TRUE(peer.may_pass(kA));
  EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(domain->may_pass(kA));
}

TEST_F(LockProcesses, rule_3_6_31_member_with_another_key_is_refused_though_others_share) {
  peer.lock(kA, LockKind::shared, "key");
  shared(kA, "key");
  EXPECT_EQ(shared(kA, "other"), Status::error_inv_access_key);
  EXPECT_EQ(domain->unlock(kA), Status::success);
}

// A3 and 3.6.2, 3.6.21, 3.6.24, 3.6.25, 3.6.34 to 3.6.36.

TEST_F(LockProcesses, rule_3_6_2_state_is_the_same_in_every_process) {
  const auto expect = [&](LockState state) {
    EXPECT_EQ(domain->state(), state);
    EXPECT_EQ(peer.state(), state);
  };
  expect(LockState::none);
  shared(kA, "key");
  expect(LockState::shared);
  peer.lock(kA, LockKind::shared, "key");
  peer.lock(kA, LockKind::exclusive);
  expect(LockState::exclusive);
  EXPECT_EQ(peer.unlock(kA), Status::success_nested_shared);
  expect(LockState::shared);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  expect(LockState::shared);
  EXPECT_EQ(domain->unlock(kA), Status::success);
  expect(LockState::none);
}

TEST_F(LockProcesses, rule_3_6_34_exclusive_goes_first_and_the_last_unlock_frees) {
  peer.lock(kA, LockKind::shared, "key");
  peer.lock(kA, LockKind::exclusive);
  peer.lock(kA, LockKind::exclusive);
  EXPECT_EQ(peer.unlock(kA), Status::success_nested_exclusive);
  EXPECT_EQ(shared(kA, "key"), Status::error_rsrc_locked);
  EXPECT_EQ(peer.unlock(kA), Status::success_nested_shared);
  EXPECT_EQ(shared(kA, "key"), Status::success);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(peer.unlock(kA), Status::error_sesn_nlocked);
}

TEST_F(LockProcesses, rule_3_6_21_release_all_frees_the_resource_for_other_processes) {
  peer.lock(kA, LockKind::shared, "key");
  peer.lock(kA, LockKind::exclusive);
  peer.lock(kA, LockKind::exclusive);
  peer.release_all(kA);
  EXPECT_EQ(domain->state(), LockState::none);
  EXPECT_EQ(exclusive(kA), Status::success);
}

// A5: a refused transfer does not wait, and a process that only reads sees every change.
TEST_F(LockProcesses, ProcessThatNeverLocksSeesEveryLock) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(domain->may_pass(kA));
    EXPECT_EQ(peer.lock(kA, LockKind::exclusive).status, Status::success);
    EXPECT_FALSE(domain->may_pass(kA));
    EXPECT_EQ(peer.unlock(kA), Status::success);
  }
}

TEST_F(LockProcesses, LockOfOneResourceLeavesOthersAlone) {
  Peer other(folder.path(), "GPIB0::1::INSTR");
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_TRUE(other.may_pass(kA));
  EXPECT_EQ(other.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_FALSE(peer.may_pass(kA));
}

TEST_F(LockProcesses, NamesLongerThanTheRecordAreToldApart) {
  const std::string host(245, 'h');
  Peer one(folder.path(), "TCPIP0::" + host + "::1::SOCKET");
  Peer two(folder.path(), "TCPIP0::" + host + "::2::SOCKET");
  Peer same(folder.path(), "TCPIP0::" + host + "::2::SOCKET");
  EXPECT_EQ(one.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(two.lock(kA, LockKind::exclusive).status, Status::success);
  EXPECT_EQ(same.lock(kA, LockKind::exclusive).status, Status::error_rsrc_locked);
}

TEST_F(LockProcesses, CancelEndsAWaitForAnotherProcess) {
  peer.lock(kA, LockKind::exclusive);
  Call call(Deadline::infinite());
  std::thread waiter([&] {
    EXPECT_EQ(domain->lock(kA, LockKind::exclusive, {}, call).status, Status::error_abort);
  });
  EXPECT_TRUE(lined_up(folder, 1));
  call.cancel();
  domain->wake();
  waiter.join();
  EXPECT_EQ(waiting_processes(folder), 0);
}

TEST_F(LockProcesses, ThreadCancelledInLineLeavesNothingInTheFile) {
  peer.lock(kA, LockKind::exclusive);
  pthread_t thread{};
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* shared) -> void* {
                  Call call(Deadline::infinite());
                  static_cast<LockDomain*>(shared)->lock(kB, LockKind::exclusive, {}, call);
                  return nullptr;
                },
                domain.get()),
            0);
  EXPECT_TRUE(lined_up(folder, 1));
  ASSERT_EQ(pthread_cancel(thread), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  EXPECT_EQ(waiting_processes(folder), 0);
  EXPECT_EQ(peer.unlock(kA), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success);
}

}  // namespace
}  // namespace visa::locks
