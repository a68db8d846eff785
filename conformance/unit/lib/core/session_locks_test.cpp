// SPDX-License-Identifier: MIT
// viLock where the instrument has a lock of its own, and viGpibControlREN: what of both reaches the
// wire, and when.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <iterator>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/unit/support/child_process.h"
#include "conformance/unit/support/visa_session.h"
#include "lib/core/library.h"

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
    return viLock(vi, VI_SHARED_LOCK, timeout, "k", key);
  }
  ViUInt32 lock_state() {
    ViUInt32 state = 99;
    EXPECT_EQ(viGetAttribute(session_, VI_ATTR_RSRC_LOCK_STATE, &state), VI_SUCCESS);
    return state;
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

TEST_F(SessionLocks, UnlockThatMaySucceedLaterLeavesBothLocked) {
  const ViSession other = open_other();
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  wire_->fails("unlock", Status::error_tmo).fails("unlock", Status::error_abort);
  wire_->then({.operation = "unlock", .throws = [] { throw std::bad_alloc(); }});
  for (const auto status : {VI_ERROR_TMO, VI_ERROR_ABORT, VI_ERROR_ALLOC}) {
    EXPECT_EQ(viUnlock(session_), status);
    EXPECT_TRUE(held_by_us(other));
  }
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_FALSE(held_by_us(other));
}

// The instrument that has forgotten the link answers error_io: the lock here stayed, and nothing
// but viClose could end it.
TEST_F(SessionLocks, LockThatCannotBeGivenBackIsHeldHereNoMoreAndTheStatusSaysWhy) {
  const ViSession other = open_other();
  const std::pair<Status, ViStatus> kFailures[] = {
      {Status::error_io, VI_ERROR_IO},
      {Status::error_system_error, VI_ERROR_SYSTEM_ERROR},
      {Status::error_nsup_oper, VI_ERROR_NSUP_OPER}};
  for (const auto& [status, code] : kFailures) {
    wire_->fails("unlock", status, "192.0.2.7 knows no such link");
    EXPECT_EQ(exclusive(session_), VI_SUCCESS);
    EXPECT_EQ(exclusive(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
    EXPECT_EQ(viUnlock(session_), VI_SUCCESS_NESTED_EXCLUSIVE);
    EXPECT_EQ(viUnlock(session_), code);
    EXPECT_FALSE(held_by_us(other)) << code;
    ViChar text[256];
    EXPECT_EQ(viStatusDesc(session_, code, text), VI_SUCCESS);
    EXPECT_NE(std::string(text).find("192.0.2.7"), std::string::npos) << text;
    EXPECT_NE(std::string(text).find("holds the lock no more"), std::string::npos) << text;
    EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
  }
  EXPECT_EQ(exclusive(session_), VI_SUCCESS) << "and it can be had anew";
  EXPECT_EQ(wire_->count("lock"), 1 + std::size(kFailures));
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
}

TEST_F(SessionLocks, LostConnectionHasTakenTheLockWithIt) {
  const ViSession other = open_other();
  wire_->fails("unlock", Status::error_conn_lost);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_FALSE(held_by_us(other));
  EXPECT_EQ(viUnlock(session_), VI_ERROR_SESN_NLOCKED);
}

TEST_F(SessionLocks, EachKindThatCannotBeGivenBackEndsByItself) {
  wire_->with_shared_locks();
  wire_->fails("unlock", Status::error_io).fails("unlock shared", Status::error_system_error);
  EXPECT_EQ(shared(session_), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  EXPECT_EQ(viUnlock(session_), VI_ERROR_IO);
  EXPECT_EQ(lock_state(), VI_SHARED_LOCK);
  EXPECT_EQ(viUnlock(session_), VI_ERROR_SYSTEM_ERROR);
  EXPECT_EQ(lock_state(), VI_NO_LOCK);
}

// A nested shared lock that failed took the exclusive lock of the session with it.
TEST_F(SessionLocks, LockThatFailsTakesBackItsOwnKindOnly) {
  wire_->with_shared_locks();
  EXPECT_EQ(shared(session_), VI_SUCCESS);
  EXPECT_EQ(exclusive(session_), VI_SUCCESS);
  wire_->blocks("unlock");
  auto unlocking = std::async(std::launch::async, [&] { return viUnlock(session_); });
  EXPECT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(shared(session_, VI_TMO_IMMEDIATE), VI_ERROR_TMO) << "the other call has the wire";
  EXPECT_EQ(lock_state(), VI_EXCLUSIVE_LOCK);
  wire_->release();
  EXPECT_EQ(unlocking.get(), VI_SUCCESS_NESTED_SHARED);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->operations(), (Operations{"lock shared k", "lock", "unlock", "unlock shared"}));
}

// The exclusive lock that the other thread waits for was given back instead of the shared one.
TEST_F(SessionLocks, UnlockGivesBackTheKindThatTheInstrumentHas) {
  wire_->with_shared_locks();
  EXPECT_EQ(shared(session_), VI_SUCCESS);
  wire_->blocks("unlock shared");
  auto unlocking = std::async(std::launch::async, [&] { return viUnlock(session_); });
  ASSERT_TRUE(wire_->wait_until_blocked());
  auto locking = std::async(std::launch::async, [&] { return exclusive(session_); });
  const auto limit = std::chrono::steady_clock::now() + test::kPatience;
  while (lock_state() != VI_EXCLUSIVE_LOCK && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  wire_->release();
  EXPECT_EQ(unlocking.get(), VI_SUCCESS_NESTED_EXCLUSIVE);
  EXPECT_EQ(locking.get(), VI_SUCCESS);
  EXPECT_EQ(lock_state(), VI_EXCLUSIVE_LOCK);
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(lock_state(), VI_NO_LOCK);
}

TEST_F(SessionLocks, NestedLockWaitsUntilTheFirstIsReallyHeld) {
  wire_->then({.operation = "lock", .status = Status::error_tmo, .blocks = true});
  auto first = std::async(std::launch::async, [&] { return exclusive(session_, 60000); });
  ASSERT_TRUE(wire_->wait_until_blocked());
  auto second = std::async(std::launch::async, [&] { return exclusive(session_, 60000); });
  wire_->release();
  EXPECT_EQ(first.get(), VI_ERROR_TMO);
  const ViStatus granted = second.get();  // nested in the first, or on its own after it
  EXPECT_TRUE(granted == VI_SUCCESS_NESTED_EXCLUSIVE || granted == VI_SUCCESS);
  EXPECT_EQ(wire_->count("lock"), 2u);  // the second took it itself
  EXPECT_EQ(viUnlock(session_), VI_SUCCESS);
  EXPECT_EQ(wire_->count("unlock"), 1u);
}

// The library of a process is made once, so the one without a folder for locks is that of a child.
TEST_F(SessionLocks, SuccessThatOtherProcessesDoNotSeeSaysSo) {
  EXPECT_EQ(test::in_child([&] {
              Library::lock_folders = [] {
                return std::vector<locks::LockFolder>{{"/nonexistent/freevisa", false}};
              };
              ViSession manager = VI_NULL;
              ViSession session = VI_NULL;
              if (viOpenDefaultRM(&manager) != VI_SUCCESS) return 1;
              if (viOpen(manager, test::kUsb, VI_NO_LOCK, 0, &session) != VI_SUCCESS) return 2;
              if (exclusive(session) != VI_SUCCESS) return 3;
              const std::string text = description(session, VI_SUCCESS);
              return text.find("this process only") != std::string::npos ? 0 : 4;
            }),
            "");
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
