// SPDX-License-Identifier: MIT
// The rules of VPP-4.3 3.6 as one thread sees them through the domain: keys, codes, who may pass.
// The waits are in lock_wait_test.cpp.
#include "lib/locks/lock_domain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace visa::locks {
namespace {

constexpr SessionId kA = 0x101;
constexpr SessionId kB = 0x102;
constexpr SessionId kC = 0x103;

class LockDomainRules : public testing::Test {
 protected:
  LockDomain::Granted lock(SessionId session, LockKind kind,
                           std::optional<std::string_view> key = std::nullopt) {
    Call call(Deadline::immediate());
    auto granted = domain.lock(session, kind, key, call);
    detail = call.detail;
    return granted;
  }
  Status exclusive(SessionId session) { return lock(session, LockKind::exclusive).status; }
  Status shared(SessionId session, std::string_view key) {
    return lock(session, LockKind::shared, key).status;
  }

  LockDomain domain{"TCPIP0::bench::5025::SOCKET"};
  std::string detail;
};

TEST_F(LockDomainRules, rule_3_6_8_lock_holds_for_all_other_sessions) {
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_TRUE(domain.may_pass(kA));
  EXPECT_FALSE(domain.may_pass(kB));
  EXPECT_FALSE(domain.may_pass(kC));
}

TEST_F(LockDomainRules, rule_3_6_11_two_locks_and_one_unlock_leave_the_resource_held) {
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success_nested_exclusive);
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_exclusive);
  EXPECT_FALSE(domain.may_pass(kB));
  EXPECT_EQ(exclusive(kB), Status::error_rsrc_locked);
  EXPECT_EQ(domain.unlock(kA), Status::success);
  EXPECT_TRUE(domain.may_pass(kB));
  EXPECT_EQ(exclusive(kB), Status::success);
}

TEST_F(LockDomainRules, rule_3_6_12_shared_over_own_exclusive_is_refused) {
  exclusive(kA);
  Call call(Deadline::infinite());  // at once, whatever the time given
  const auto granted = domain.lock(kA, LockKind::shared, "key", call);
  EXPECT_EQ(granted.status, Status::error_rsrc_locked);
  EXPECT_EQ(granted.key, "");
  EXPECT_TRUE(domain.may_pass(kA));
}

TEST_F(LockDomainRules, rule_3_6_13_exclusive_ignores_the_key) {
  EXPECT_EQ(lock(kA, LockKind::exclusive, std::string(300, 'x')).status, Status::success);
  EXPECT_EQ(lock(kA, LockKind::exclusive, "").status, Status::success_nested_exclusive);
  EXPECT_EQ(lock(kA, LockKind::exclusive, "y").status, Status::success_nested_exclusive);
}

TEST_F(LockDomainRules, rule_3_6_14_exclusive_returns_an_empty_key) {
  EXPECT_EQ(lock(kA, LockKind::exclusive).key, "");
  EXPECT_EQ(lock(kA, LockKind::exclusive, "wanted").key, "");
  domain.release_all(kA);
  EXPECT_EQ(lock(kA, LockKind::shared, "group").key, "group");
  EXPECT_EQ(lock(kA, LockKind::exclusive, "wanted").key, "");  // over its own shared lock too
}

TEST_F(LockDomainRules, rule_3_6_15_shared_without_key_gets_one) {
  const auto with_null = lock(kA, LockKind::shared);
  EXPECT_EQ(with_null.status, Status::success);
  EXPECT_EQ(with_null.key.size(), 36u);
  domain.release_all(kA);
  const auto with_empty = lock(kA, LockKind::shared, "");  // observation 3.6.4
  EXPECT_EQ(with_empty.status, Status::success);
  EXPECT_EQ(with_empty.key.size(), 36u);
  EXPECT_NE(with_empty.key, with_null.key);  // 3.6.16
}

TEST_F(LockDomainRules, rule_3_6_17_long_keys) {
  const std::string longest(255, 'k');
  EXPECT_EQ(shared(kA, std::string(256, 'k')), Status::error_inv_access_key);
  EXPECT_THAT(detail, testing::HasSubstr("255"));
  EXPECT_EQ(shared(kA, std::string(4096, 'k')), Status::error_inv_access_key);
  EXPECT_EQ(domain.state(), LockState::none);
  EXPECT_EQ(lock(kA, LockKind::shared, longest).key, longest);
  EXPECT_EQ(lock(kB, LockKind::shared, longest).status, Status::success);
  EXPECT_EQ(shared(kC, longest + "k"), Status::error_inv_access_key);
}

TEST_F(LockDomainRules, rule_3_6_18_key_comes_back_unchanged_and_opens_the_group) {
  const auto founder = lock(kA, LockKind::shared, " Any text: \xC3\xA4 ");
  EXPECT_EQ(founder.key, " Any text: \xC3\xA4 ");
  const auto member = lock(kB, LockKind::shared, founder.key);
  EXPECT_EQ(member.status, Status::success);
  EXPECT_EQ(member.key, founder.key);
  EXPECT_TRUE(domain.may_pass(kA));
  EXPECT_TRUE(domain.may_pass(kB));
  EXPECT_FALSE(domain.may_pass(kC));
}

TEST_F(LockDomainRules, rule_3_6_18_generated_key_opens_the_group) {
  const auto founder = lock(kA, LockKind::shared);
  EXPECT_EQ(lock(kB, LockKind::shared, founder.key).status, Status::success);
  EXPECT_EQ(lock(kB, LockKind::shared, founder.key).status, Status::success_nested_shared);
}

TEST_F(LockDomainRules, rule_3_6_20_nested_shared_returns_the_same_key) {
  const auto first = lock(kA, LockKind::shared);
  const auto nested = lock(kA, LockKind::shared);
  EXPECT_EQ(nested.status, Status::success_nested_shared);
  EXPECT_EQ(nested.key, first.key);
  EXPECT_EQ(lock(kA, LockKind::shared, first.key).key, first.key);
}

TEST_F(LockDomainRules, rule_3_6_31_another_key_of_a_member_is_refused) {
  shared(kA, "key");
  const auto refused = lock(kA, LockKind::shared, "other");
  EXPECT_EQ(refused.status, Status::error_inv_access_key);
  EXPECT_EQ(refused.key, "");
  EXPECT_EQ(domain.unlock(kA), Status::success);  // the count stayed at one
}

TEST_F(LockDomainRules, rule_3_6_23_immediate_request_fails_with_rsrc_locked) {
  exclusive(kA);
  EXPECT_EQ(exclusive(kB), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kB, "key"), Status::error_rsrc_locked);
  domain.release_all(kA);
  shared(kA, "key");
  EXPECT_EQ(exclusive(kB), Status::error_rsrc_locked);
  EXPECT_EQ(shared(kB, "other"), Status::error_rsrc_locked);
  EXPECT_EQ(lock(kB, LockKind::shared).status, Status::error_rsrc_locked);
}

TEST_F(LockDomainRules, rule_3_6_24_state_follows_the_locks) {
  EXPECT_EQ(domain.state(), LockState::none);
  shared(kA, "key");
  EXPECT_EQ(domain.state(), LockState::shared);
  exclusive(kA);
  EXPECT_EQ(domain.state(), LockState::exclusive);
  domain.unlock(kA);
  EXPECT_EQ(domain.state(), LockState::shared);
  domain.unlock(kA);
  EXPECT_EQ(domain.state(), LockState::none);  // 3.6.25
}

TEST_F(LockDomainRules, rule_3_6_33_unlock_codes_down_to_3_6_38) {
  shared(kA, "key");
  exclusive(kA);
  exclusive(kA);
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_exclusive);
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_shared);
  EXPECT_EQ(domain.unlock(kA), Status::success);
  EXPECT_EQ(domain.unlock(kA), Status::error_sesn_nlocked);
}

TEST_F(LockDomainRules, ExclusiveOfAMemberShutsTheGroupOutWhileItLasts) {
  shared(kA, "key");
  shared(kB, "key");
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_TRUE(domain.may_pass(kA));
  EXPECT_FALSE(domain.may_pass(kB));
  EXPECT_EQ(domain.unlock(kA), Status::success_nested_shared);
  EXPECT_TRUE(domain.may_pass(kB));
}

TEST_F(LockDomainRules, rule_3_6_21_release_all_frees_the_resource) {
  shared(kA, "key");
  exclusive(kA);
  exclusive(kA);
  domain.release_all(kA);
  EXPECT_EQ(domain.state(), LockState::none);
  EXPECT_TRUE(domain.may_pass(kB));
  EXPECT_EQ(exclusive(kB), Status::success);
  domain.release_all(kA);  // holds nothing: harms nobody
  EXPECT_FALSE(domain.may_pass(kA));
}

TEST_F(LockDomainRules, FailedLockChangesNothing) {
  exclusive(kA);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(exclusive(kB), Status::error_rsrc_locked);
    EXPECT_EQ(domain.unlock(kB), Status::error_sesn_nlocked);
  }
  EXPECT_EQ(domain.unlock(kA), Status::success);
  EXPECT_EQ(exclusive(kB), Status::success);
}

TEST_F(LockDomainRules, RefusalNamesTheResourceAndTheHolder) {
  exclusive(kA);
  exclusive(kB);
  EXPECT_THAT(detail, testing::HasSubstr("TCPIP0::bench::5025::SOCKET"));
  EXPECT_THAT(detail, testing::HasSubstr("0x101"));
  domain.release_all(kA);
  shared(kA, "secret");
  exclusive(kB);
  EXPECT_THAT(detail, testing::HasSubstr("shared"));
  EXPECT_THAT(detail,
              testing::Not(testing::HasSubstr("secret")));  // a key is for whom it was given
}

TEST_F(LockDomainRules, CancelledCallGetsNoLockEvenOfAFreeResource) {
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(domain.lock(kA, LockKind::exclusive, {}, call).status, Status::error_abort);
  EXPECT_EQ(domain.state(), LockState::none);
}

// More members than the fast places, coming and going in every order: each sees itself inside, and
// only itself.
TEST_F(LockDomainRules, GroupOfAnySizePassesItsMembersAndNobodyElse) {
  constexpr SessionId kCount = 3 * LockDomain::kFastMembers;
  for (SessionId id = 1; id <= kCount; ++id) {
    EXPECT_EQ(shared(id, "key"), Status::success);
    for (SessionId other = 1; other <= kCount; ++other) {
      EXPECT_EQ(domain.may_pass(other), other <= id) << other << " after " << id;
    }
  }
  for (SessionId gone = 1; gone <= kCount - 1; ++gone) {
    EXPECT_EQ(domain.unlock(gone), Status::success);
    for (SessionId other = 1; other <= kCount; ++other) {
      EXPECT_EQ(domain.may_pass(other), other > gone) << other << " without " << gone;
    }
  }
  EXPECT_EQ(domain.unlock(kCount), Status::success);
  EXPECT_TRUE(domain.may_pass(1));
}

TEST_F(LockDomainRules, SharedLockReleasedByItselfLeavesTheExclusiveOne) {
  EXPECT_EQ(shared(kA, "group"), Status::success);
  EXPECT_EQ(shared(kB, "group"), Status::success);
  EXPECT_EQ(exclusive(kA), Status::success);
  EXPECT_EQ(domain.unlock(kA, LockKind::shared), Status::success_nested_exclusive);
  EXPECT_EQ(domain.state(), LockState::exclusive);
  EXPECT_TRUE(domain.may_pass(kA));
  EXPECT_FALSE(domain.may_pass(kB));
  EXPECT_EQ(domain.unlock(kA, LockKind::shared), Status::error_sesn_nlocked);
  EXPECT_EQ(domain.unlock(kA, LockKind::exclusive), Status::success);
  EXPECT_FALSE(domain.may_pass(kA)) << "it has left the group";
  EXPECT_TRUE(domain.may_pass(kB));
}

}  // namespace
}  // namespace visa::locks
