// SPDX-License-Identifier: MIT
// Every row of the lock tables (A2, A3), asked of the rules alone.
#include "lib/locks/lock_record.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::locks {
namespace {

constexpr SessionId kA = 0x101;
constexpr SessionId kB = 0x102;
constexpr SessionId kC = 0x103;

using Outcome = Verdict::Outcome;

class LockRecordTable : public testing::Test {
 protected:
  /// Asks and, when granted, enters it; "wait" reads as success with Outcome::wait.
  Verdict ask(SessionId session, LockKind kind, const std::string& key = "") {
    const Verdict verdict = record.judge(session, kind, key);
    if (verdict.outcome == Outcome::granted) {
      record.grant(session, kind, key.empty() ? "made" : key);
    }
    return verdict;
  }
  void expect(Outcome outcome, Status status, const Verdict& got) {
    EXPECT_EQ(got.outcome, outcome);
    EXPECT_EQ(got.status, status);
  }
  void granted(Status status, const Verdict& got) { expect(Outcome::granted, status, got); }
  void refused(Status status, const Verdict& got) { expect(Outcome::refused, status, got); }
  void waits(const Verdict& got) { expect(Outcome::wait, Status::success, got); }

  LockRecord record;
};

TEST(LockKindOf, rule_3_6_3_only_the_two_kinds_exist) {
  EXPECT_EQ(*lock_kind(1), LockKind::exclusive);
  EXPECT_EQ(*lock_kind(2), LockKind::shared);
  for (const std::uint32_t other : {0u, 3u, 4u, 5u, 0xFFFFFFFFu}) {
    EXPECT_EQ(lock_kind(other).status(), Status::error_inv_lock_type) << other;
  }
}

TEST_F(LockRecordTable, rule_3_6_27_first_exclusive_is_plain_success) {
  granted(Status::success, ask(kA, LockKind::exclusive));
  EXPECT_EQ(record.exclusive_owner(), kA);
}

TEST_F(LockRecordTable, rule_3_6_28_second_exclusive_is_nested) {
  ask(kA, LockKind::exclusive);
  granted(Status::success_nested_exclusive, ask(kA, LockKind::exclusive));
}

TEST_F(LockRecordTable, rule_3_6_29_first_shared_is_plain_success) {
  granted(Status::success, ask(kA, LockKind::shared, "key"));
  EXPECT_EQ(record.key(), "key");
  EXPECT_TRUE(record.is_member(kA));
}

TEST_F(LockRecordTable, rule_3_6_30_second_shared_is_nested) {
  ask(kA, LockKind::shared, "key");
  granted(Status::success_nested_shared, ask(kA, LockKind::shared));
  granted(Status::success_nested_shared, ask(kA, LockKind::shared, "key"));
}

TEST_F(LockRecordTable, rule_3_6_31_member_with_another_key_is_refused_and_counts_stay) {
  ask(kA, LockKind::shared, "key");
  refused(Status::error_inv_access_key, ask(kA, LockKind::shared, "other"));
  EXPECT_EQ(record.release_one(kA), Status::success);  // one count, not two
  EXPECT_EQ(record.state(), LockState::none);
}

TEST_F(LockRecordTable, rule_3_6_12_shared_over_own_exclusive_is_refused_at_once) {
  ask(kA, LockKind::exclusive);
  refused(Status::error_rsrc_locked, ask(kA, LockKind::shared));
  refused(Status::error_rsrc_locked, ask(kA, LockKind::shared, "key"));
  EXPECT_EQ(record.release_one(kA), Status::success);
}

TEST_F(LockRecordTable, rule_3_6_17_key_of_255_works_and_256_is_refused) {
  refused(Status::error_inv_access_key, ask(kA, LockKind::shared, std::string(256, 'k')));
  EXPECT_EQ(record.state(), LockState::none);
  granted(Status::success, ask(kA, LockKind::shared, std::string(255, 'k')));
  EXPECT_EQ(record.key().size(), 255u);
  refused(Status::error_inv_access_key, ask(kB, LockKind::shared, std::string(256, 'k')));
}

TEST_F(LockRecordTable, rule_3_6_18_the_key_opens_the_group_to_others) {
  ask(kA, LockKind::shared, "key");
  granted(Status::success, ask(kB, LockKind::shared, "key"));
  EXPECT_TRUE(record.is_member(kB));
}

TEST_F(LockRecordTable, OutsiderWithoutTheKeyWaitsForTheGroupToEnd) {
  ask(kA, LockKind::shared, "key");
  waits(ask(kB, LockKind::shared));
  waits(ask(kB, LockKind::shared, "other"));
  waits(ask(kB, LockKind::shared, "Key"));  // keys are compared byte by byte
  waits(ask(kB, LockKind::exclusive));
}

TEST_F(LockRecordTable, WhoHoldsNothingWaitsForAnExclusiveHolder) {
  ask(kA, LockKind::exclusive);
  waits(ask(kB, LockKind::exclusive));
  waits(ask(kB, LockKind::shared));
  waits(ask(kB, LockKind::shared, "key"));
}

TEST_F(LockRecordTable, MemberGetsExclusiveOverTheGroup) {
  ask(kA, LockKind::shared, "key");
  ask(kB, LockKind::shared, "key");
  granted(Status::success, ask(kA, LockKind::exclusive));
  EXPECT_EQ(record.state(), LockState::exclusive);
  waits(ask(kB, LockKind::exclusive));      // one owner at a time, in the group too
  waits(ask(kC, LockKind::shared, "key"));  // and nobody joins meanwhile
}

TEST_F(LockRecordTable, MemberNestsSharedWhileAnotherMemberHoldsExclusive) {
  ask(kA, LockKind::shared, "key");
  ask(kB, LockKind::shared, "key");
  ask(kA, LockKind::exclusive);
  granted(Status::success_nested_shared, ask(kB, LockKind::shared));
  refused(Status::error_inv_access_key, ask(kB, LockKind::shared, "other"));
}

TEST_F(LockRecordTable, rule_3_6_9_each_count_of_a_session_with_both_grows_on_its_own) {
  ask(kA, LockKind::shared, "key");
  ask(kA, LockKind::exclusive);
  granted(Status::success_nested_exclusive, ask(kA, LockKind::exclusive));
  granted(Status::success_nested_shared, ask(kA, LockKind::shared));
  granted(Status::success_nested_shared, ask(kA, LockKind::shared, "key"));
  refused(Status::error_inv_access_key, ask(kA, LockKind::shared, "other"));
  EXPECT_EQ(record.release_one(kA), Status::success_nested_exclusive);  // 2 + 3 held
  EXPECT_EQ(record.release_one(kA), Status::success_nested_shared);
  EXPECT_EQ(record.release_one(kA), Status::success_nested_shared);
  EXPECT_EQ(record.release_one(kA), Status::success_nested_shared);
  EXPECT_EQ(record.release_one(kA), Status::success);
  EXPECT_EQ(record.release_one(kA), Status::error_sesn_nlocked);
}

TEST_F(LockRecordTable, rule_3_6_32_unlock_with_exclusive_left_says_so) {
  ask(kA, LockKind::shared);
  ask(kA, LockKind::exclusive);
  ask(kA, LockKind::exclusive);
  EXPECT_EQ(record.release_one(kA), Status::success_nested_exclusive);
  EXPECT_EQ(record.exclusive_owner(), kA);
}

TEST_F(LockRecordTable, rule_3_6_33_unlock_with_only_shared_left_says_so) {
  ask(kA, LockKind::shared);
  ask(kA, LockKind::shared);
  EXPECT_EQ(record.release_one(kA), Status::success_nested_shared);
  EXPECT_EQ(record.release_one(kA), Status::success);
}

TEST_F(LockRecordTable, rule_3_6_34_exclusive_goes_down_before_shared) {
  ask(kA, LockKind::shared);
  ask(kA, LockKind::exclusive);
  EXPECT_EQ(record.release_one(kA), Status::success_nested_shared);
  EXPECT_EQ(record.state(), LockState::shared);
  EXPECT_EQ(record.exclusive_owner(), 0u);
}

TEST_F(LockRecordTable, OneKindCanBeReleasedByItself) {
  ask(kA, LockKind::shared, "key");
  ask(kA, LockKind::exclusive);
  ask(kA, LockKind::shared);
  EXPECT_EQ(record.release(kA, LockKind::shared), Status::success_nested_exclusive);
  EXPECT_EQ(record.key(), "key");
  EXPECT_EQ(record.release(kA, LockKind::shared), Status::success_nested_exclusive);
  EXPECT_EQ(record.key(), "") << "the group is over";
  EXPECT_EQ(record.exclusive_owner(), kA);
  EXPECT_EQ(record.release(kA, LockKind::shared), Status::error_sesn_nlocked);
  EXPECT_EQ(record.release(kB, LockKind::exclusive), Status::error_sesn_nlocked);
  EXPECT_EQ(record.release(kA, LockKind::exclusive), Status::success);
  EXPECT_TRUE(record.holders().empty());
}

TEST_F(LockRecordTable, rule_3_6_36_at_zero_the_resource_is_free) {
  ask(kA, LockKind::exclusive);
  EXPECT_EQ(record.release_one(kA), Status::success);
  EXPECT_TRUE(record.holders().empty());
  granted(Status::success, ask(kB, LockKind::exclusive));
}

TEST_F(LockRecordTable, rule_3_6_38_unlock_without_lock) {
  EXPECT_EQ(record.release_one(kA), Status::error_sesn_nlocked);
  ask(kB, LockKind::exclusive);
  EXPECT_EQ(record.release_one(kA), Status::error_sesn_nlocked);  // another's lock is not ours
  EXPECT_EQ(record.exclusive_owner(), kB);
}

TEST_F(LockRecordTable, rule_3_6_24_exclusive_shows_over_shared) {
  EXPECT_EQ(record.state(), LockState::none);
  ask(kA, LockKind::shared);
  EXPECT_EQ(record.state(), LockState::shared);
  ask(kA, LockKind::exclusive);
  EXPECT_EQ(record.state(), LockState::exclusive);
}

TEST_F(LockRecordTable, GroupLivesUntilItsLastMemberLeavesAndThenTheKeyIsForgotten) {
  ask(kA, LockKind::shared, "key");
  ask(kB, LockKind::shared, "key");
  EXPECT_EQ(record.release_one(kA), Status::success);  // the founder may go first
  EXPECT_EQ(record.key(), "key");
  granted(Status::success, ask(kC, LockKind::shared, "key"));
  EXPECT_TRUE(record.release_all(kB));
  EXPECT_TRUE(record.release_all(kC));
  EXPECT_EQ(record.key(), "");
  granted(Status::success, ask(kA, LockKind::shared, "new"));
  EXPECT_EQ(record.key(), "new");
}

TEST_F(LockRecordTable, rule_3_6_21_release_all_sets_both_counts_to_zero) {
  for (int i = 0; i < 3; ++i) ask(kA, LockKind::shared);
  for (int i = 0; i < 2; ++i) ask(kA, LockKind::exclusive);
  EXPECT_TRUE(record.release_all(kA));
  EXPECT_EQ(record.state(), LockState::none);
  EXPECT_EQ(record.release_one(kA), Status::error_sesn_nlocked);
  EXPECT_FALSE(record.release_all(kA));
}

}  // namespace
}  // namespace visa::locks
