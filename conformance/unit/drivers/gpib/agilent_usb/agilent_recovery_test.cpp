// SPDX-License-Identifier: MIT
// A pipe that is out of step, and what brings it back.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_agilent.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;

class AgilentRecoveryTest : public OpenAgilent {
 protected:
  AgilentRecoveryTest() { EXPECT_EQ(open(), Status::success) << call_.detail; }
};

TEST_F(AgilentRecoveryTest, ALostReplyShiftsNoLaterOne) {
  plug_->model.lose_replies = 1;
  Call call(Deadline::after(30ms));
  EXPECT_EQ(board_->state(call).status(), Status::error_tmo);
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(kDmm, 100).status, Status::success) << call_.detail;
  EXPECT_EQ(answer_, "mine");
  EXPECT_EQ(log(), "A1 A0 IFC C3F2045 R100 ");
}

TEST_F(AgilentRecoveryTest, AStaleReplyIsNotTakenForTheNextOne) {
  plug_->model.replies.push_back({0xFB, 0});
  EXPECT_EQ(board_->state(call_).status(), Status::error_io);
  const auto now = inside(call_, [&] { return board_->state(call_); });
  ASSERT_TRUE(now.has_value()) << call_.detail;
  EXPECT_EQ(now->ren, drivers::gpib::State::asserted);
}

TEST_F(AgilentRecoveryTest, PutsAReplyTogetherThatComesInParts) {
  for (const std::size_t part : {1U, 2U, 3U}) {
    plug_->model.split_at = part;
    EXPECT_EQ(board_->state(call_)->ren, drivers::gpib::State::asserted) << call_.detail;
    EXPECT_EQ(write(kDmm, "READ?"), Status::success) << call_.detail;
    plug_->model.answer(5, "1.25\n");
    EXPECT_EQ(read(kDmm, 100).reason, spi::StopReason::end);
    EXPECT_EQ(answer_, "1.25\n");
  }
}

TEST_F(AgilentRecoveryTest, AnAnswerWithoutItsEndIsNoAnswer) {
  plug_->model.cut_answers = 1;
  plug_->model.answer(5, "1.2mm\n");
  EXPECT_EQ(read(kDmm, 100).status, Status::error_io);
  plug_->model.answer(5, "whole\n");
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "whole\n");
}

// Each call brings the pipe a little nearer to being in step, however short its timeout is.
TEST_F(AgilentRecoveryTest, ShortTimeoutsGetThereToo) {
  plug_->model.lose_replies = 1;
  Call first(Deadline::after(5ms));
  EXPECT_EQ(board_->state(first).status(), Status::error_tmo);
  Status status = Status::error_tmo;
  for (int round = 0; round < 1000 && status == Status::error_tmo; ++round) {
    Call call(Deadline::after(5ms));
    status = board_->begin(call);
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(status, Status::success);
}

TEST_F(AgilentRecoveryTest, AnAdapterThatDoesNotStopSendingIsAnError) {
  for (int i = 0; i < 100; ++i) plug_->model.replies.push_back({0xFB, 0});
  plug_->model.replies.front() = {0x00, 0x00};
  EXPECT_EQ(board_->state(call_).status(), Status::error_io);
  EXPECT_EQ(board_->begin(call_), Status::error_io);
  EXPECT_NE(call_.detail.find("stop sending"), std::string::npos);
}

TEST_F(AgilentRecoveryTest, AnAdapterThatHangsAndComesBackWorksAgain) {
  plug_->with([](AgilentModel& model) { model.deaf = true; });
  EXPECT_EQ(short_read(kDmm, 10).status, Status::error_tmo);
  plug_->with([](AgilentModel& model) { model.deaf = false; });
  plug_->model.answer(5, "back");
  EXPECT_EQ(read(kDmm, 100).status, Status::success) << call_.detail;
  EXPECT_EQ(answer_, "back");
}

}  // namespace
}  // namespace visa::test
