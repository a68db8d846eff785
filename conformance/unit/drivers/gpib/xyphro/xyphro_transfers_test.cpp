// SPDX-License-Identifier: MIT
// Messages and answers, what is no answer, and how the adapter is put in order after a failure.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_xyphro.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;
using spi::StopReason;

class XyphroTransfersTest : public XyphroTest {};

TEST_F(XyphroTransfersTest, MovesEveryByteValueAndLength) {
  std::string all(9000, '\0');
  std::iota(all.begin(), all.end(), '\0');
  // 52 and 116 fill their packets: an empty packet may follow, or not.
  for (const bool empty : {true, false}) {
    plug_->model.empty_packets = empty;
    for (const std::size_t size : {1UL, 51UL, 52UL, 53UL, 115UL, 116UL, 4081UL, 4084UL, 9000UL}) {
      const std::string text = all.substr(0, size);
      EXPECT_EQ(write(kDmm, text), Status::success);
      EXPECT_EQ(dmm().messages.back(), text);
      plug_->model.answer(5, text);
      EXPECT_EQ(read(10000).reason, StopReason::end) << call_.detail;
      EXPECT_EQ(answer_, text);
      plug_->model.answer(5, text);
      EXPECT_EQ(read(size).status, Status::success);
      EXPECT_EQ(answer_, text);
    }
  }
}

TEST_F(XyphroTransfersTest, PutsAnAnswerTogetherThatComesInParts) {
  for (const std::size_t part : {5UL, 12UL, 40UL}) {
    plug_->model.part = part;
    plug_->model.answer(5, std::string(200, 'x'));
    EXPECT_EQ(read(1000).reason, StopReason::end) << call_.detail;
    EXPECT_EQ(answer_, std::string(200, 'x'));
  }
}

TEST_F(XyphroTransfersTest, EndsAtTheTerminationCharacterAndReadsOn) {
  plug_->model.answer(5, "one\ntwo\n");
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_EQ(read(100, lines).reason, StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(2, lines).reason, StopReason::count);
  EXPECT_EQ(read(100, lines).reason, StopReason::end);
  EXPECT_EQ(answer_, "o\n");
}

TEST_F(XyphroTransfersTest, TheDataSaysWhetherTheTerminationCharacterIsThere) {
  const spi::EndRule lines{.termchar_enabled = true};
  plug_->model.hides_mark = true;
  plug_->model.answer(5, "one\ntwo\n");
  EXPECT_EQ(read(100, lines).reason, StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(100, lines).reason, StopReason::end);
  plug_->model.hides_mark = false;
  plug_->model.claims_mark = true;
  plug_->model.most = 3;
  for (const bool wanted : {true, false}) {
    plug_->model.answer(5, "abcdefgh");
    EXPECT_EQ(read(100, wanted ? lines : spi::EndRule()).reason, StopReason::end);
    EXPECT_EQ(answer_, "abcdefgh");
  }
}

TEST_F(XyphroTransfersTest, AnAnswerWithoutDataIsNone) {
  // Says that it is no end, or that it ends with EOI, the character or both.
  for (unsigned attributes = 0; attributes < 4; ++attributes) {
    plug_->model.empty_answer = static_cast<std::uint8_t>(attributes);
    const auto result = read(100, {.termchar_enabled = true});
    EXPECT_EQ(result.status, Status::error_io) << attributes;
    EXPECT_EQ(result.count, 0U);
    EXPECT_NE(call_.detail.find("empty answer"), std::string::npos);
    EXPECT_EQ(write(kDmm, "READ?"), Status::success);
    plug_->model.answer(5, "own\n");
    EXPECT_EQ(read(100, {.termchar_enabled = true}).reason, StopReason::end);
    EXPECT_EQ(answer_, "own\n");
  }
}

TEST_F(XyphroTransfersTest, AnAnswerThatIsCutOffIsAnErrorAndIsMended) {
  plug_->model.cut_at = 70;
  plug_->model.answer(5, std::string(200, 'x'));
  EXPECT_EQ(read(1000).status, Status::error_io);
  EXPECT_EQ(answer_, std::string(58, 'x'));
  log();
  plug_->model.answer(5, "y");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "y");
  EXPECT_EQ(log(), "IFC C3F2045 R100 ");
}

TEST_F(XyphroTransfersTest, WhatAThreadLeftUnderWayIsEndedBeforeTheNextOperation) {
  plug_->model.throws = true;
  EXPECT_THROW(read(100), std::runtime_error);
  log();
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(log(), "IFC C403F25 W5e ");
  plug_->model.answer(5, "1");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "1");
}

TEST_F(XyphroTransfersTest, AnAdapterThatDoesNotStopSendingIsGivenUpForNow) {
  plug_->model.replies.assign(20, XyphroModel::Bytes(64));
  board_->close(call_);
  EXPECT_EQ(open(), Status::error_rsrc_nfound);
  EXPECT_NE(call_.detail.find("does not stop sending"), std::string::npos);
  EXPECT_EQ(open(), Status::success) << "it has stopped";
}

TEST_F(XyphroTransfersTest, AHaltThatCouldNotBeEndedIsEndedBeforeTheNextOperation) {
  plug_->model.throws = true;
  EXPECT_THROW(read(100), std::runtime_error);
  plug_->halts_stay = true;
  EXPECT_EQ(board_->begin(call_), Status::error_tmo);
  EXPECT_NE(call_.detail.find("still being put in order"), std::string::npos) << call_.detail;
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(board_->begin(cancelled), Status::error_abort);
  plug_->halts_stay = false;
  EXPECT_EQ(write(kDmm, "x"), Status::success) << call_.detail;
}

TEST_F(XyphroTransfersTest, AfterATimeoutTheNextQueryGetsItsOwnAnswer) {
  for (int round = 0; round < 3; ++round) {
    Call call(Deadline::after(20ms));
    EXPECT_EQ(read_with(call, 100).status, Status::error_tmo);
    EXPECT_EQ(write(kDmm, "READ?"), Status::success);
    plug_->model.answer(5, std::to_string(round));
    EXPECT_EQ(read(100).status, Status::success);
    EXPECT_EQ(answer_, std::to_string(round));
  }
  EXPECT_NE(plug_->model.log.find("abort IFC"), std::string::npos);
}

TEST_F(XyphroTransfersTest, ACancelledReadIsAborted) {
  Call call(Deadline::infinite());
  std::thread other([&] {
    call.cancel();
    board_->wake();
  });
  EXPECT_EQ(read_with(call, 100).status, Status::error_abort);
  other.join();
  plug_->model.answer(5, "x");
  EXPECT_EQ(read(100).status, Status::success);
}

TEST_F(XyphroTransfersTest, AnAnswerToAnotherRequestIsAnErrorAndIsMended) {
  plug_->model.wrong_tag = true;
  plug_->model.answer(5, "x");
  EXPECT_EQ(read(100).status, Status::error_io);
  plug_->model.answer(5, "y");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "y");
}

TEST_F(XyphroTransfersTest, DropsWhatAPredecessorLeft) {
  plug_->model.replies = {{2, 1, 0xFE, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'x'}, {}};
  board_->close(call_);
  EXPECT_EQ(open(), Status::success) << call_.detail;
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "mine");
}

TEST_F(XyphroTransfersTest, AnUnplugEndsAReadAtOnce) {
  std::thread other([&] { plug_->unplug(); });
  EXPECT_EQ(read(100).status, Status::error_conn_lost);
  other.join();
  EXPECT_TRUE(board_->gone());
}

}  // namespace
}  // namespace visa::test
