// SPDX-License-Identifier: MIT
// The way to the firmware and back: pairs, aborts, what comes late, and threads that are ended in
// the middle of it.
#include "drivers/gpib/agilent_usb/agilent_pipe.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/drivers/support/open_agilent.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::drivers::gpib::agilent {
namespace {

using namespace std::chrono_literals;
using test::AgilentModel;

constexpr std::uint8_t kRegister = 0x04;

class AgilentPipeTest : public testing::Test {
 protected:
  AgilentPipeTest() {
    plug_->model.instruments[5];
    EXPECT_EQ(pipe_.start(call_), Status::success) << call_.detail;
    log();
  }
  ~AgilentPipeTest() override {
    pipe_.close();
    EXPECT_EQ(plug_->running, 0U);
  }

  Status set(std::uint8_t value, Call& call) {
    const std::array<RegisterWrite, 1> writes{{{kRegister, value}}};
    return pipe_.write(writes, call);
  }
  Status set(std::uint8_t value) { return set(value, call_); }
  Result<std::uint8_t> get() {
    const std::array<std::uint8_t, 1> address{kRegister};
    std::array<std::uint8_t, 1> value{};
    const Status status = pipe_.read(address, value, call_);
    if (failed(status)) return status;
    return value[0];
  }
  spi::WriteResult send(std::string_view bytes, std::uint8_t flags, Call& call) {
    return pipe_.send(std::as_bytes(std::span(bytes.data(), bytes.size())), flags, call);
  }
  /// Makes the board listen to the instrument.
  void address_talker() { EXPECT_EQ(send("\x3F\x20\x45", kSendCommands, call_).count, 3U); }
  void address_listener() { EXPECT_EQ(send("\x40\x3F\x25", kSendCommands, call_).count, 3U); }
  AgilentPipe::Received receive(std::size_t most, Call& call) {
    answer_.assign(most, '?');
    const auto got = pipe_.receive(std::as_writable_bytes(std::span(answer_)), std::nullopt, call);
    answer_.resize(got.count);
    return got;
  }
  std::string log() { return std::exchange(plug_->model.log, ""); }

  /// Runs `body` on a thread that is ended by force as soon as it waits for a transfer.
  bool is_ended_in(const std::function<void()>& body) {
    plug_->while_waiting = [] {
      ::pthread_cancel(::pthread_self());
      ::pthread_testcancel();
    };
    test::EndedThread thread(body);
    const bool ended = thread.join();
    plug_->while_waiting = nullptr;
    return ended;
  }
  void expect_works_again() {
    EXPECT_EQ(plug_->running, 0U) << "nothing may write to what the thread has left";
    EXPECT_FALSE(pipe_.in_step());
    EXPECT_EQ(pipe_.settle(call_), Status::success) << call_.detail;
    EXPECT_TRUE(pipe_.take_mended());
    EXPECT_EQ(set(0x15), Status::success) << call_.detail;
    EXPECT_EQ(*get(), 0x15);
    set(0);
  }

  std::shared_ptr<test::AgilentPlug> plug_ = std::make_shared<test::AgilentPlug>();
  AgilentPipe pipe_{std::make_unique<test::FakeAgilent>(plug_), test::kAgilentEndpoints, "82357B"};
  Call call_{Deadline::after(20s)};
  std::string answer_;
};

TEST_F(AgilentPipeTest, ARegisterCostsAPairOfTransfers) {
  const unsigned before = plug_->transfers;
  EXPECT_EQ(set(0x1D), Status::success);
  EXPECT_EQ(*get(), 0x1D);
  EXPECT_EQ(plug_->transfers - before, 4U);
  set(0);
}

TEST_F(AgilentPipeTest, SaysWhatTheFirmwareRefuses) {
  plug_->model.lose_replies = 1;
  plug_->model.replies.push_back({0xFB, 2});
  EXPECT_EQ(set(1), Status::error_io);
  EXPECT_NE(call_.detail.find("refuses to set"), std::string::npos) << call_.detail;
  plug_->model.lose_replies = 1;
  plug_->model.replies.push_back({0xFA, 2});
  EXPECT_EQ(get().status(), Status::error_io);
  EXPECT_NE(call_.detail.find("refuses to read"), std::string::npos) << call_.detail;
  EXPECT_TRUE(pipe_.in_step()) << "it was an answer";
}

TEST_F(AgilentPipeTest, MovesDataAndTellsWhyAReadEnded) {
  address_listener();
  EXPECT_EQ(send("READ?", kSendData | kSendEoi, call_).count, 5U);
  EXPECT_EQ(plug_->model.instruments[5].messages, std::vector<std::string>{"READ?"});
  plug_->model.answer(5, "1.5");
  address_talker();
  EXPECT_EQ(receive(2, call_).end, kEndCount);
  EXPECT_EQ(answer_, "1.");
  EXPECT_EQ(receive(10, call_).end, kEndEoi);
  EXPECT_EQ(answer_, "5");
}

TEST_F(AgilentPipeTest, AWriteThatIsNotTakenIsAborted) {
  address_listener();
  plug_->model.instruments[5].holds = true;
  Call soon(Deadline::after(20ms));
  EXPECT_EQ(send("held", kSendData, soon).status, Status::error_tmo);
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(send("held", kSendData, cancelled).status, Status::error_abort);
  EXPECT_NE(log().find("A0 "), std::string::npos);
  EXPECT_FALSE(plug_->model.busy());
}

TEST_F(AgilentPipeTest, AReadThatEndsLateIsOwedAndNothingIsAskedUntilThen) {
  address_talker();
  plug_->model.slow_aborts = 1;
  Call soon(Deadline::after(20ms));
  EXPECT_EQ(receive(10, soon).status, Status::error_tmo);
  EXPECT_FALSE(pipe_.in_step());
  EXPECT_EQ(set(1), Status::error_io);
  EXPECT_EQ(send("x", kSendData, call_).status, Status::error_io);
  EXPECT_EQ(receive(10, call_).status, Status::error_io);
  plug_->with([](AgilentModel& model) { model.let_go_on(); });
  EXPECT_EQ(pipe_.settle(call_), Status::success);
  EXPECT_TRUE(pipe_.in_step());
  EXPECT_EQ(plug_->running, 0U);
}

TEST_F(AgilentPipeTest, AnUnpluggedAdapterIsGone) {
  plug_->unplug();
  EXPECT_EQ(send("x", kSendData, call_).status, Status::error_conn_lost);
  EXPECT_EQ(set(1), Status::error_conn_lost);
  EXPECT_EQ(pipe_.settle(call_), Status::error_conn_lost);
  EXPECT_TRUE(pipe_.gone());
}

// An adapter that hangs does not answer the request to end its halts.
TEST_F(AgilentPipeTest, AHaltThatDoesNotEndInTimeIsEndedByALaterCall) {
  plug_->model.lose_replies = 1;
  Call first(Deadline::after(5ms));
  EXPECT_EQ(set(1, first), Status::error_tmo);
  const unsigned halts = plug_->halts_cleared;
  plug_->halts_stay = true;
  for (int i = 0; i < 3; ++i) {
    Call soon(Deadline::after(5ms));
    EXPECT_EQ(pipe_.settle(soon), Status::error_tmo);
    EXPECT_NE(soon.detail.find("put in order"), std::string::npos);
  }
  EXPECT_EQ(log(), "") << "nothing else is asked of it before";
  plug_->halts_stay = false;
  EXPECT_EQ(pipe_.settle(call_), Status::success);
  EXPECT_EQ(plug_->halts_cleared, halts + 2);
  EXPECT_TRUE(pipe_.take_mended());
}

TEST_F(AgilentPipeTest, AnAdapterThatHangsIsNotStarted) {
  const auto plug = std::make_shared<test::AgilentPlug>();
  plug->halts_stay = true;
  AgilentPipe pipe(std::make_unique<test::FakeAgilent>(plug), test::kAgilentEndpoints, "82357B");
  Call soon(Deadline::after(20ms));
  EXPECT_EQ(pipe.start(soon), Status::error_tmo);
  EXPECT_NE(soon.detail.find("does not answer"), std::string::npos);
}

TEST_F(AgilentPipeTest, AThreadThatIsEndedAmongRegistersLeavesNothingRunning) {
  plug_->model.lose_replies = 1;
  EXPECT_TRUE(is_ended_in([&] { set(1); }));
  expect_works_again();
}

TEST_F(AgilentPipeTest, AThreadThatIsEndedInAReadLeavesNothingRunning) {
  address_talker();
  EXPECT_TRUE(is_ended_in([&] { receive(10, call_); }));
  EXPECT_TRUE(plug_->model.busy());
  expect_works_again();
  EXPECT_FALSE(plug_->model.busy());
}

TEST_F(AgilentPipeTest, AThreadThatIsEndedInAWriteLeavesNothingRunning) {
  address_listener();
  plug_->model.instruments[5].holds = true;
  test::EndedThread thread([&] {
    ::pthread_cancel(::pthread_self());  // acts where it waits for the report
    send("held", kSendData, call_);
  });
  EXPECT_TRUE(thread.join());
  expect_works_again();
  EXPECT_FALSE(plug_->model.busy());
}

TEST_F(AgilentPipeTest, AThreadThatIsEndedWhileItPutsThePipeInStepIsFollowedByAnother) {
  plug_->model.lose_replies = 1;
  Call first(Deadline::after(5ms));
  EXPECT_EQ(set(1, first), Status::error_tmo);
  EXPECT_TRUE(is_ended_in([&] { pipe_.settle(call_); }));
  EXPECT_EQ(pipe_.settle(call_), Status::success);
  EXPECT_EQ(plug_->running, 0U);
}

// What a transfer receives goes to memory that lives longer than it.
TEST_F(AgilentPipeTest, ClosingEndsTheReadThatIsOwed) {
  address_talker();
  plug_->model.slow_aborts = 1;
  Call soon(Deadline::after(20ms));
  EXPECT_EQ(receive(10, soon).status, Status::error_tmo);
  pipe_.close();
  EXPECT_EQ(plug_->running, 0U);
  EXPECT_TRUE(plug_->closed);
}

}  // namespace
}  // namespace visa::drivers::gpib::agilent
