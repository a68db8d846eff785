// SPDX-License-Identifier: MIT
// viLock where the instrument has a lock of its own, and viGpibControlREN: what of both reaches the
// wire, and when.
#include <gtest/gtest.h>

#include <future>
#include <new>
#include <string>
#include <vector>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using test::FakeWire;
using Operations = std::vector<std::string>;

class SessionLocks : public test::VisaSession {
 protected:
  SessionLocks() {
    session_ = open(test::kGpib, wire_);
    wire_->with_facets();
  }

  ViStatus exclusive(ViSession vi, ViUInt32 timeout = 5000) {
    return viLock(vi, VI_EXCLUSIVE_LOCK, timeout, VI_NULL, VI_NULL);
  }
  ViStatus shared(ViSession vi, ViUInt32 timeout = 5000) {
    ViChar key[256];
    return viLock(vi, VI_SHARED_LOCK, timeout, VI_NULL, key);
  }
  /// Another session on the same resource.
  ViSession open_other() {
    std::shared_ptr<FakeWire> wire;
    const ViSession other = open(test::kGpib, wire);
    wire->with_facets();
    return other;
  }
  bool held_by_us(ViSession other) {
    const ViStatus status = exclusive(other, VI_TMO_IMMEDIATE);
    if (status == VI_SUCCESS) viUnlock(other);
    return status == VI_ERROR_RSRC_LOCKED;
  }

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
};

TEST_F(SessionLocks, rule_3_6_28_the_wire_sees_the_first_lock_and_the_last_unlock_alone) {
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
  EXPECT_EQ(wire_->operations(), (Operations{"lock"}));
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->operations(), (Operations{"lock", "unlock"}));
  EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
  EXPECT_EQ(wire_->count("unlock"), 1u);
}

TEST_F(SessionLocks, rule_3_6_5_shared_locks_go_to_an_instrument_that_carries_them) {
  wire_->with_shared_locks();
  ViChar key[256] = "";
  EXPECT_EQ(viLock(session_, VI_SHARED_LOCK, 5000, "group", key), VI_SUCCESS);
  EXPECT_EQ(viLock(session_, VI_SHARED_LOCK, 5000, "group", key), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
  EXPECT_EQ(wire_->operations(), (Operations{"lock shared group", "lock"}));
  // 3.6.34: exclusive ones go first.
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->operations(),
            (Operations{"lock shared group", "lock", "unlock", "unlock shared"}));
}

TEST_F(SessionLocks, SharedLockTheInstrumentRefusesIsNotHeldHereEither) {
  wire_->with_shared_locks().fails("lock shared k", Status::error_rsrc_locked);
  ViChar key[256] = "";
  EXPECT_EQ(viLock(session_, VI_SHARED_LOCK, VI_TMO_IMMEDIATE, "k", key), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
}

TEST_F(SessionLocks, LackOfMemoryAtTheInstrumentsLockLeavesNoneHere) {
  wire_->then({.operation = "lock", .throws = [] { throw std::bad_alloc(); }});
  EXPECT_EQ(exclusive(session_), VI_ERROR_ALLOC);
  EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
  EXPECT_EQ(exclusive(open_other()), VI_SUCCESS);
}

TEST_F(SessionLocks, SharedLocksStayHere) {
  EXPECT_EQ(shared(session_), VI_SUCCESS);
  EXPECT_EQ(shared(session_), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->operations(), Operations{});
}

TEST_F(SessionLocks, rule_3_6_34_exclusive_within_shared_goes_first) {
  EXPECT_EQ(shared(session_), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(wire_->operations(), (Operations{"lock", "unlock"}));
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->count("unlock"), 1u);
}

TEST_F(SessionLocks, LockOfOursComesFirst) {
  const ViSession other = open_other();
  EXPECT_EQ(exclusive(other), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_, VI_TMO_IMMEDIATE), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(exclusive(session_, 30), VI_ERROR_TMO);
  EXPECT_EQ(wire_->operations(), Operations{});
}

TEST_F(SessionLocks, RefusalOfTheInstrumentUndoesOurLock) {
  const ViSession other = open_other();
  const std::pair<Status, ViStatus> kRefusals[] = {
      {Status::error_tmo, VI_ERROR_TMO},
      {Status::error_rsrc_locked, VI_ERROR_RSRC_LOCKED},
      {Status::error_conn_lost, VI_ERROR_CONN_LOST}};
  for (const auto& [status, code] : kRefusals) {
    wire_->fails("lock", status, "somebody at 192.0.2.7 holds it");
    EXPECT_EQ(exclusive(session_), code);
    ViChar text[256];
    EXPECT_EQ(viStatusDesc(session_, code, text), VI_SUCCESS);
    EXPECT_NE(std::string(text).find("192.0.2.7"), std::string::npos);
    EXPECT_FALSE(held_by_us(other));
    EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
  }
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_TRUE(held_by_us(other));
}

TEST_F(SessionLocks, UnlockThatFailsLeavesBothLocked) {
  const ViSession other = open_other();
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  wire_->fails("unlock", Status::error_tmo);
  EXPECT_EQ(viUnlock(session_), VI_ERROR_TMO);
  EXPECT_TRUE(held_by_us(other));
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_FALSE(held_by_us(other));
}

TEST_F(SessionLocks, LostConnectionHasTakenItsLockWithIt) {
  const ViSession other = open_other();
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  wire_->fails("unlock", Status::error_conn_lost);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_FALSE(held_by_us(other));
}

TEST_F(SessionLocks, NestedLockWaitsUntilTheFirstIsReallyHeld) {
  wire_->then({.operation = "lock", .status = Status::error_tmo, .blocks = true});
  auto first = std::async(std::launch::async, [&] { return exclusive(session_, 60000); });
  ASSERT_TRUE(wire_->wait_until_blocked());
  auto second = std::async(std::launch::async, [&] { return exclusive(session_, 60000); });
  wire_->release();
  EXPECT_EQ(first.get(), VI_ERROR_TMO);
  const ViStatus granted = second.get();  // nested in the first, or on its own behind it
  EXPECT_TRUE(granted == VI_SUCCESS_NESTED_EXCLUSIVE || granted == VI_SUCCESS);
  EXPECT_EQ(wire_->count("lock"), 2u);  // the second took it itself
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->count("unlock"), 1u);
}

TEST_F(SessionLocks, OpenWithALockTakesBothOrFails) {
  test::FakeBench::instance().prepare().with_facets().fails("lock", Status::error_rsrc_locked);
  ViSession other = VI_NULL;
  EXPECT_EQ(viOpen(rm_, test::kUsb, VI_EXCLUSIVE_LOCK, 100, &other), VI_ERROR_RSRC_LOCKED);
  test::FakeBench::instance().prepare().with_facets();
  EXPECT_EQ(viOpen(rm_, test::kUsb, VI_EXCLUSIVE_LOCK, 100, &other), VI_SUCCESS);
}

TEST_F(SessionLocks, CloseLeavesTheRemoteLockToTheChannel) {
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  viClose(session_);
  EXPECT_EQ(wire_->operations(), (Operations{"lock", "close"}));
  EXPECT_FALSE(held_by_us(open_other()));
}

TEST_F(SessionLocks, RemoteControlReachesTheWireByItsMode) {  // 6.5.6
  for (ViUInt16 mode = VI_GPIB_REN_DEASSERT; mode <= VI_GPIB_REN_ADDRESS_GTL; ++mode) {
    EXPECT_EQ(viGpibControlREN(session_, mode), VI_SUCCESS);
    EXPECT_EQ(wire_->operations().back(), "ren " + std::to_string(mode));
  }
  EXPECT_EQ(viGpibControlREN(session_, 7), VI_ERROR_INV_MODE);
  EXPECT_EQ(viGpibControlREN(session_, 0xFFFF), VI_ERROR_INV_MODE);
  wire_->fails("ren 0", Status::error_inv_mode);
  EXPECT_EQ(viGpibControlREN(session_, VI_GPIB_REN_DEASSERT), VI_ERROR_INV_MODE);
}

TEST_F(SessionLocks, RemoteControlAsksForTheLock) {
  const ViSession other = open_other();
  EXPECT_EQ(exclusive(other), VI_SUCCESS);
  EXPECT_EQ(viGpibControlREN(session_, VI_GPIB_REN_ASSERT_ADDRESS), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(wire_->operations(), Operations{});
}

TEST_F(SessionLocks, WireWithoutRemoteStateSaysSo) {
  std::shared_ptr<FakeWire> plain;
  const ViSession session = open(test::kGpib, plain);
  EXPECT_EQ(viGpibControlREN(session, VI_GPIB_REN_ASSERT_ADDRESS), VI_ERROR_NSUP_OPER);
}

}  // namespace
}  // namespace visa::core
