// SPDX-License-Identifier: MIT
// The pair of request and reply: in pieces, stopped, lost, out of step.
#include "drivers/gpib/ni_usb/ni_pipe.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/open_ni.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

using usb::UsbOutcome;

class NiPipeTest : public testing::Test {
 protected:
  NiPipeTest() {
    model_.devices[kDmm];
    model_.in_charge = true;
  }
  ~NiPipeTest() override { EXPECT_EQ(model_.violations, std::vector<std::string>{}); }

  Exchanged standby() {
    go_to_standby(pipe_.request());
    return pipe_.exchange(Shape::standby, 0, call_.deadline, call_);
  }
  /// Addresses the instrument to talk and reads.
  Exchanged read(std::size_t count) {
    take_control(pipe_.request(), true);
    pipe_.exchange(Shape::status, 0, call_.deadline, call_);
    const std::array<std::byte, 3> address = {std::byte{0x3F}, std::byte{0x20}, std::byte{0x45}};
    send_commands(pipe_.request(), address, kNoTimeout);
    pipe_.exchange(Shape::status, 3, call_.deadline, call_);
    standby();
    receive_data(pipe_.request(), count, std::nullopt, kNoTimeout);
    return pipe_.exchange(Shape::data, count, call_.deadline, call_);
  }

  test::NiModel model_;
  test::FakeDongle usb_{model_};
  dongle::Dongle dongle_ = ni_dongle();
  NiPipe pipe_{usb_, *dongle_.model, "adapter"};
  Call call_{Deadline::after(std::chrono::seconds(30))};
};

TEST_F(NiPipeTest, AnExchangeIsTwoTransfers) {
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_EQ(usb_.bulk_transfers, 2U);
  EXPECT_EQ(usb_.control_transfers, 0U);
}

TEST_F(NiPipeTest, AReplyMayComeInPieces) {
  for (const std::size_t piece : {1U, 3U, 4U, 8U, 11U}) {
    model_.piece = piece;
    EXPECT_EQ(standby().status, Status::success) << piece;
  }
  model_.devices[kDmm].answers = {std::string(100, 'x')};
  const auto exchanged = read(200);
  EXPECT_EQ(exchanged.status, Status::success);
  Bytes into(200);
  EXPECT_EQ(take_data(exchanged.reply, into)->count, 100U);
}

TEST_F(NiPipeTest, WhatRunsOutOfTimeIsStopped) {
  const auto exchanged = read(10);
  EXPECT_EQ(exchanged.status, Status::success);
  EXPECT_TRUE(exchanged.stopped);
  Bytes into(10);
  EXPECT_EQ(take_data(exchanged.reply, into)->status.error, Error::stopped);
  EXPECT_TRUE(pipe_.in_step());
  EXPECT_EQ(standby().status, Status::success);
}

TEST_F(NiPipeTest, AReplyThatCrossesItsStopCounts) {
  usb_.while_waiting = [this] { model_.devices[kDmm].answers = {"in time"}; };
  const auto exchanged = read(10);
  EXPECT_EQ(exchanged.status, Status::success);
  EXPECT_FALSE(exchanged.stopped);
}

TEST_F(NiPipeTest, AReplyThatTheStopDoesNotBringIsOwed) {
  model_.slow_stop = true;
  EXPECT_EQ(read(10).status, Status::error_tmo);
  EXPECT_FALSE(pipe_.in_step());
  model_.devices[kDmm].answers = {"late"};
  EXPECT_EQ(standby().status, Status::success);
  const auto late = pipe_.take_late();
  ASSERT_TRUE(late.has_value());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(late->data()), late->size()), "late");
  EXPECT_TRUE(pipe_.late_ended());
  EXPECT_FALSE(pipe_.take_late().has_value());
}

TEST_F(NiPipeTest, ALostReplyCostsThatExchangeAlone) {
  model_.lost_replies = 1;
  EXPECT_EQ(standby().status, Status::error_tmo);
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_GE(model_.halts_cleared, 2U);
  EXPECT_EQ(usb_.running, 0U);
}

TEST_F(NiPipeTest, RepliesOfAPredecessorAreDrained) {
  for (int i = 0; i < 3; ++i) model_.leave_stale(Bytes(12));
  EXPECT_EQ(pipe_.recover(call_), Status::success);
  EXPECT_EQ(standby().status, Status::success);
}

TEST_F(NiPipeTest, AnAnswerThatFitsNothingBringsItInStep) {
  model_.leave_stale(Bytes(12));
  EXPECT_EQ(standby().status, Status::error_io);
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_TRUE(model_.pipe_is_empty());
}

TEST_F(NiPipeTest, AnAdapterThatSendsWithoutEndIsGivenUp) {
  for (int i = 0; i < 40; ++i) model_.leave_stale(Bytes(64));
  EXPECT_EQ(pipe_.recover(call_), Status::error_io);
  EXPECT_NE(call_.detail.find("plug it in anew"), std::string::npos);
}

TEST_F(NiPipeTest, EmptyPacketsAreBounded) {
  for (int i = 0; i < 3; ++i) model_.leave_stale({});
  EXPECT_EQ(standby().status, Status::success);
  for (int i = 0; i < 12; ++i) model_.leave_stale({});
  EXPECT_EQ(standby().status, Status::error_io);
}

TEST_F(NiPipeTest, AStallOrAnOverflowIsOvercome) {
  for (const auto outcome : {UsbOutcome::stalled, UsbOutcome::overflow, UsbOutcome::failed}) {
    usb_.next_in = outcome;
    EXPECT_EQ(standby().status, Status::error_io);
    EXPECT_EQ(standby().status, Status::success);
  }
}

TEST_F(NiPipeTest, ARequestThatDoesNotGoOutTimesOut) {
  usb_.takes_requests = false;
  EXPECT_EQ(standby().status, Status::error_tmo);
  usb_.takes_requests = true;
  model_.violations.clear();
  EXPECT_EQ(standby().status, Status::success);
}

// The controller fills the next request before it knows whether the last one has gone out.
TEST_F(NiPipeTest, ARequestThatIsStillGoingOutIsLeftAlone) {
  usb_.takes_requests = false;
  EXPECT_EQ(standby().status, Status::error_tmo);
  ASSERT_EQ(usb_.running, 2U);
  const Bytes going_out(usb_.sent_from.begin(), usb_.sent_from.end());
  take_control(pipe_.request(), true);
  EXPECT_TRUE(std::equal(going_out.begin(), going_out.end(), usb_.sent_from.begin()));
  usb_.takes_requests = true;
  EXPECT_EQ(pipe_.exchange(Shape::status, 0, call_.deadline, call_).status, Status::success);
  EXPECT_TRUE(model_.log.ends_with("T1 ")) << model_.log;
}

TEST_F(NiPipeTest, AHaltThatDoesNotEndInTimeIsEndedByTheNextExchange) {
  pipe_.lose_step();
  usb_.halts_stay = true;
  EXPECT_EQ(standby().status, Status::error_tmo);
  EXPECT_NE(call_.detail.find("not in step"), std::string::npos);
  usb_.halts_stay = false;
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_EQ(model_.halts_cleared, 2U);
}

// What comes after the thread has ended is put where the transfer was told to put it.
TEST_F(NiPipeTest, ADrainOfAThreadThatWasEndedReadsIntoMemoryThatIsThere) {
  pipe_.lose_step();
  std::vector<Bytes> others;
  usb_.while_waiting = [] {
    ::pthread_cancel(::pthread_self());
    ::pthread_testcancel();
  };
  test::EndedThread thread([&] {
    struct After {  // on the thread itself, whose memory this is
      std::vector<Bytes>& others;
      ~After() {
        for (int i = 0; i < 4; ++i) others.emplace_back(std::size_t{65536});
      }
    } const after{others};
    standby();
  });
  EXPECT_TRUE(thread.join());
  ASSERT_EQ(usb_.running, 1U);
  const std::less<const std::byte*> before;
  for (const Bytes& one : others) {
    EXPECT_TRUE(!before(usb_.received_into.data(), one.data() + one.size()) ||
                !before(one.data(), usb_.received_into.data() + usb_.received_into.size()));
  }
  std::fill(usb_.received_into.begin(), usb_.received_into.end(), std::byte{0xAA});
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_EQ(usb_.running, 0U);
}

TEST_F(NiPipeTest, AThreadThatIsEndedInAnExchangeCostsThatOneAlone) {
  usb_.while_waiting = [] {
    ::pthread_cancel(::pthread_self());
    ::pthread_testcancel();
  };
  model_.lost_replies = 1;
  test::EndedThread thread([&] { standby(); });
  EXPECT_TRUE(thread.join());
  EXPECT_FALSE(pipe_.in_step());
  EXPECT_EQ(standby().status, Status::success);
  EXPECT_EQ(usb_.running, 0U);
}

TEST_F(NiPipeTest, AnUnpluggedAdapterIsGone) {
  usb_.while_waiting = [this] { usb_.unplugged = true; };
  EXPECT_EQ(read(10).status, Status::error_conn_lost);
  EXPECT_EQ(standby().status, Status::error_conn_lost);
}

TEST_F(NiPipeTest, ACancelledCallEndsAndTheNextOneWorks) {
  usb_.while_waiting = [this] { call_.cancel(); };
  EXPECT_TRUE(read(10).stopped);
  Call next(Deadline::after(std::chrono::seconds(5)));
  go_to_standby(pipe_.request());
  EXPECT_EQ(pipe_.exchange(Shape::standby, 0, next.deadline, next).status, Status::success);
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
