// SPDX-License-Identifier: MIT
// Messages, lines and failures of a Xyphro adapter for raw access.
#include "drivers/gpib/xyphro/xyphro_controller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "conformance/unit/drivers/support/fake_adapter.h"
#include "conformance/unit/drivers/support/xyphro_model.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;
using drivers::gpib::Address;
using drivers::gpib::AtnMode;
using drivers::gpib::State;
using drivers::gpib::xyphro::XyphroController;
using spi::StopReason;

constexpr Address kDmm{5};

class XyphroControllerTest : public testing::Test {
 protected:
  XyphroControllerTest() {
    plug_->model.instruments[5];
    EXPECT_EQ(open(), Status::success) << call_.detail;
  }
  ~XyphroControllerTest() override {
    if (board_ != nullptr) board_->close(call_);
  }

  Status open() {
    auto opened = XyphroController::open(std::make_unique<FakeAdapter<XyphroModel>>(plug_),
                                         {0, 0x03, 0x82, 64}, "UsbGpib", call_);
    if (!opened) return opened.status();
    board_ = *std::move(opened);
    plug_->model.log.clear();
    return Status::success;
  }
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  Status write(const Address& to, std::string_view text) {
    EXPECT_EQ(board_->begin(call_), Status::success) << call_.detail;
    return board_->write(to, bytes(text), spi::WriteEnd::end, {}, call_).status;
  }
  spi::ReadResult read_with(Call& call, std::size_t most, const spi::EndRule& rule = {}) {
    EXPECT_EQ(board_->begin(call_), Status::success) << call_.detail;
    answer_.assign(most, '?');
    const auto result =
        board_->read(kDmm, std::as_writable_bytes(std::span(answer_)), rule, {}, call);
    answer_.resize(result.count);
    return result;
  }
  spi::ReadResult read(std::size_t most, const spi::EndRule& rule = {}) {
    return read_with(call_, most, rule);
  }
  XyphroInstrument& dmm() { return plug_->model.instruments[5]; }
  std::string log() { return std::exchange(plug_->model.log, ""); }

  std::shared_ptr<AdapterPlug<XyphroModel>> plug_ = std::make_shared<AdapterPlug<XyphroModel>>();
  std::unique_ptr<drivers::gpib::Controller> board_;
  Call call_{Deadline::after(20s)};
  std::string answer_;
};

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

TEST_F(XyphroControllerTest, MovesEveryByteValueAndLength) {
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

TEST_F(XyphroControllerTest, PutsAnAnswerTogetherThatComesInParts) {
  for (const std::size_t part : {5UL, 12UL, 40UL}) {
    plug_->model.part = part;
    plug_->model.answer(5, std::string(200, 'x'));
    EXPECT_EQ(read(1000).reason, StopReason::end) << call_.detail;
    EXPECT_EQ(answer_, std::string(200, 'x'));
  }
}

TEST_F(XyphroControllerTest, EndsAtTheTerminationCharacterAndReadsOn) {
  plug_->model.answer(5, "one\ntwo\n");
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_EQ(read(100, lines).reason, StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(2, lines).reason, StopReason::count);
  EXPECT_EQ(read(100, lines).reason, StopReason::end);
  EXPECT_EQ(answer_, "o\n");
}

TEST_F(XyphroControllerTest, AfterATimeoutTheNextQueryGetsItsOwnAnswer) {
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

TEST_F(XyphroControllerTest, ReadsOnAfterATimeoutWithNewAddresses) {
  Call call(Deadline::after(20ms));
  EXPECT_EQ(read_with(call, 100).status, Status::error_tmo);
  log();
  plug_->model.answer(5, "late");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "late");
  EXPECT_EQ(log(), "IFC C3F2045 R100 ");
}

TEST_F(XyphroControllerTest, ACancelledReadIsAborted) {
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

TEST_F(XyphroControllerTest, AnAnswerToAnotherRequestIsAnErrorAndIsMended) {
  plug_->model.wrong_tag = true;
  plug_->model.answer(5, "x");
  EXPECT_EQ(read(100).status, Status::error_io);
  plug_->model.answer(5, "y");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "y");
}

TEST_F(XyphroControllerTest, DropsWhatAPredecessorLeft) {
  plug_->model.replies = {{2, 1, 0xFE, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'x'}, {}};
  board_->close(call_);
  EXPECT_EQ(open(), Status::success) << call_.detail;
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(100).status, Status::success);
  EXPECT_EQ(answer_, "mine");
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

TEST_F(XyphroControllerTest, AnUnplugEndsAReadAtOnce) {
  std::thread other([&] { plug_->unplug(); });
  EXPECT_EQ(read(100).status, Status::error_conn_lost);
  other.join();
  EXPECT_TRUE(board_->gone());
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
