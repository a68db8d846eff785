// SPDX-License-Identifier: MIT
// Addressing, lines, polls and what the controller remembers of the bus.
#include "drivers/gpib/xyphro/xyphro_controller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/open_xyphro.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;
using drivers::gpib::Address;
using drivers::gpib::AtnMode;
using drivers::gpib::State;
using spi::StopReason;

class XyphroControllerTest : public XyphroTest {};

TEST_F(XyphroControllerTest, AsksAndReads) {
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  plug_->model.answer(5, "1.5\n");
  plug_->transfers = 0;
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(read(100).reason, StopReason::end);
  EXPECT_EQ(answer_, "1.5\n");
  // ATN, commands, ATN, data; ATN, commands, ATN, request, answer.
  EXPECT_EQ(plug_->transfers, 9U);
  EXPECT_EQ(log(), "C403F25 W5e C403F25 W5e C3F2045 R100 ");
}

TEST_F(XyphroControllerTest, ReadsOnAfterATimeoutWithNewAddresses) {
  Call call(Deadline::after(20ms));
  EXPECT_EQ(read_with(call, 100).status, Status::error_tmo);
  log();
  plug_->model.answer(5, "late");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "late");
  EXPECT_EQ(log(), "IFC C3F2045 R100 ");
}

// The abort of the poll was remembered, and the read after it taken for aborted.
TEST_F(XyphroControllerTest, AfterAPollThatTimedOutAnAnswerGoesOnWhereItStopped) {
  Call call(Deadline::after(20ms));
  ASSERT_EQ(board_->begin(call_), Status::success);
  EXPECT_EQ(board_->serial_poll(Address{7}, call).status(), Status::error_tmo);
  plug_->model.answer(5, "0123456789");
  EXPECT_EQ(read(4).reason, StopReason::count);
  EXPECT_EQ(log(), "C3F201847 R1 abort IFC C195F IFC C3F2045 R4 ");
  EXPECT_EQ(read(100).reason, StopReason::end);
  EXPECT_EQ(answer_, "456789");
  EXPECT_EQ(log(), "R100 ") << "not addressed anew";
}

TEST_F(XyphroControllerTest, APollThatBringsNothingIsNoStatusByte) {
  plug_->model.empty_answer = 1;
  EXPECT_EQ(board_->serial_poll(kDmm, call_).status(), Status::error_io);
  dmm().status = 0x12;
  ASSERT_EQ(board_->begin(call_), Status::success);
  EXPECT_EQ(*board_->serial_poll(kDmm, call_), 0x12);
}

TEST_F(XyphroControllerTest, IfcThatWasNotReleasedIsReleasedBeforeTheNextOperation) {
  plug_->model.refuses_release = true;
  EXPECT_EQ(board_->send_ifc(call_), Status::error_io);
  EXPECT_TRUE(plug_->model.ifc());
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_FALSE(plug_->model.ifc());
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"x"});
}

TEST_F(XyphroControllerTest, CloseReleasesIfc) {
  plug_->model.refuses_release = true;
  EXPECT_EQ(board_->send_ifc(call_), Status::error_io);
  EXPECT_TRUE(plug_->model.ifc());
  board_->close(call_);
  EXPECT_FALSE(plug_->model.ifc());
}

TEST_F(XyphroControllerTest, ACancelEndsARequestThatIsNotAnswered) {
  plug_->model.silent = true;
  Call call(Deadline::infinite());
  std::thread other([&] {
    call.cancel();
    board_->wake();
  });
  Status status = Status::error_tmo;
  // A request has half a second, in which a busy machine may not begin the other thread.
  for (int i = 0; i < 100 && status == Status::error_tmo; ++i) {
    status = board_->state(call).status();
  }
  EXPECT_EQ(status, Status::error_abort);
  other.join();
}

TEST_F(XyphroControllerTest, FindsAtOnceThatNothingListens) {
  EXPECT_EQ(write(Address{7}, "x"), Status::error_nlisteners);
  EXPECT_EQ(log(), "C403F27 ");
  plug_->model.instruments.clear();
  EXPECT_TRUE(board_->find_listeners(call_)->empty());
  EXPECT_EQ(log(), "");
  plug_->model.instruments[5];
  const auto found = board_->find_listeners(call_);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, std::vector<Address>{kDmm});
}

TEST_F(XyphroControllerTest, PollsAndTellsService) {
  EXPECT_TRUE(board_->tells_service());
  EXPECT_FALSE(*board_->service_requested(call_));
  dmm().status = 0x42;
  EXPECT_TRUE(*board_->service_requested(call_));
  EXPECT_EQ(*board_->serial_poll(kDmm, call_), 0x42);
  EXPECT_FALSE(*board_->service_requested(call_));
}

TEST_F(XyphroControllerTest, SwitchesAndReadsTheLines) {
  EXPECT_EQ(board_->state(call_)->ren, State::asserted);
  EXPECT_EQ(board_->control_ren(nullptr, spi::RenMode::deassert, call_), Status::success);
  EXPECT_FALSE(plug_->model.ren());
  EXPECT_EQ(board_->control_atn(AtnMode::assert_atn, call_), Status::success);
  EXPECT_EQ(board_->state(call_)->atn, State::asserted);
  EXPECT_EQ(board_->control_atn(AtnMode::deassert, call_), Status::success);
  EXPECT_EQ(board_->state(call_)->atn, State::unasserted);
  EXPECT_EQ(board_->control_atn(AtnMode::deassert_handshake, call_), Status::error_nsup_mode);
  EXPECT_EQ(board_->send_ifc(call_), Status::success);
  EXPECT_EQ(board_->pass_control(kDmm, call_), Status::error_nsup_oper);
  EXPECT_EQ(board_->set_system_controller(false, call_), Status::error_nsup_attr_state);
  EXPECT_EQ(board_->set_system_controller(true, call_), Status::success);
}

TEST_F(XyphroControllerTest, ARefusedRequestIsAnError) {
  plug_->model.refuses = true;
  EXPECT_EQ(board_->state(call_).status(), Status::error_io);
  EXPECT_EQ(write(kDmm, "x"), Status::error_io);
  EXPECT_NE(call_.detail.find("refuses"), std::string::npos);
}

}  // namespace
}  // namespace visa::test
