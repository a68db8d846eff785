// SPDX-License-Identifier: MIT
// The lock as a state machine, without a wire.
#include "tools/sim/hislip/hislip_lock.h"

#include <gtest/gtest.h>

namespace visa::sim {
namespace {

using Answer = HislipLock::Answer;
using Released = HislipLock::Released;

struct User : HislipLockUser {
  void on_lock_changed() override {}
  void on_lock_granted() override { ++granted; }
  int granted = 0;
};

class HislipLockTest : public ::testing::Test {
 protected:
  HislipLock lock;
  User a;
  User b;
  User c;
};

TEST_F(HislipLockTest, ExclusiveKeepsAllOthersOut) {
  EXPECT_TRUE(lock.admits(b));
  EXPECT_EQ(lock.request(a, "", false), Answer::success);
  EXPECT_TRUE(lock.exclusive());
  EXPECT_EQ(lock.holders(), 1U);
  EXPECT_TRUE(lock.admits(a));
  EXPECT_FALSE(lock.admits(b));
  EXPECT_EQ(lock.request(b, "", false), Answer::failure);
  EXPECT_EQ(lock.request(b, "key", false), Answer::failure);
  EXPECT_EQ(lock.request(a, "", true), Answer::error) << "it has it";
  EXPECT_EQ(lock.request(a, "key", true), Answer::error) << "not on top of the exclusive one";
  EXPECT_EQ(lock.release(b), Released::error);
  EXPECT_EQ(lock.release(a), Released::exclusive);
  EXPECT_EQ(lock.release(a), Released::error);
  EXPECT_TRUE(lock.admits(b));
}

TEST_F(HislipLockTest, SharedIsForThoseWithTheKey) {
  EXPECT_EQ(lock.request(a, "key", false), Answer::success);
  EXPECT_EQ(lock.request(b, "KEY", false), Answer::failure);
  EXPECT_EQ(lock.request(b, "key", false), Answer::success);
  EXPECT_EQ(lock.request(b, "key", false), Answer::error);
  EXPECT_EQ(lock.request(c, "", false), Answer::failure);
  EXPECT_EQ(lock.holders(), 2U);
  EXPECT_FALSE(lock.exclusive());
  EXPECT_TRUE(lock.admits(a));
  EXPECT_FALSE(lock.admits(c));
  EXPECT_EQ(lock.release(a), Released::shared);
  EXPECT_EQ(lock.release(b), Released::shared);
  EXPECT_EQ(lock.request(c, "other", false), Answer::success) << "a new key";
}

TEST_F(HislipLockTest, BothIsLeftExclusiveFirst) {
  lock.request(a, "key", false);
  lock.request(b, "key", false);
  EXPECT_EQ(lock.request(a, "", false), Answer::success);
  EXPECT_EQ(lock.holders(), 2U) << "one with both counts once";
  EXPECT_FALSE(lock.admits(b));
  EXPECT_EQ(lock.request(c, "key", false), Answer::failure);
  EXPECT_EQ(lock.release(b), Released::shared) << "which the other may at any time";
  EXPECT_EQ(lock.release(a), Released::exclusive);
  EXPECT_EQ(lock.holders(), 1U);
  EXPECT_EQ(lock.release(a), Released::shared);
  EXPECT_EQ(lock.holders(), 0U);
}

TEST_F(HislipLockTest, WaitersAreServedInTheirOrderWhereTheyCan) {
  lock.request(a, "", false);
  EXPECT_EQ(lock.request(b, "", true), Answer::waits);
  EXPECT_EQ(lock.request(b, "", true), Answer::error) << "one at a time";
  EXPECT_EQ(lock.request(c, "key", true), Answer::waits);
  lock.release(a);
  EXPECT_EQ(b.granted, 1);
  EXPECT_EQ(c.granted, 0);
  lock.forget(b);
  EXPECT_EQ(c.granted, 1);
  EXPECT_FALSE(lock.withdraw(c));
  EXPECT_EQ(lock.request(a, "", true), Answer::waits);
  EXPECT_EQ(lock.request(b, "key", true), Answer::success) << "past one that cannot be served";
  EXPECT_TRUE(lock.withdraw(a));
  lock.forget(c);
  lock.forget(b);
  EXPECT_EQ(a.granted, 0);
  EXPECT_EQ(lock.holders(), 0U);
}

TEST_F(HislipLockTest, AnExclusiveWaiterGetsItOnTopOfItsShared) {
  lock.request(a, "key", false);
  lock.request(b, "key", false);
  lock.request(a, "", false);
  EXPECT_EQ(lock.request(b, "", true), Answer::waits);
  lock.release(a);
  EXPECT_EQ(b.granted, 1);
  EXPECT_FALSE(lock.admits(a));
}

}  // namespace
}  // namespace visa::sim
