// SPDX-License-Identifier: MIT
// Messages and commands over an 82357, and what becomes of each way in which they fail.
#include "drivers/gpib/agilent_usb/agilent_controller.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_agilent.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;
using spi::StopReason;

class AgilentControllerTest : public OpenAgilent {
 protected:
  AgilentControllerTest() { EXPECT_EQ(open(), Status::success) << call_.detail; }

  /// The instrument becomes known, so that it is not looked for in what follows.
  void meet(const Address& device) {
    EXPECT_EQ(write(device, "*CLS"), Status::success);
    log();
  }
};

TEST_F(AgilentControllerTest, AsksAndReads) {
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"READ?"});
  plug_->model.answer(5, "1.5\n");
  EXPECT_EQ(read(kDmm, 100).reason, StopReason::end);
  EXPECT_EQ(answer_, "1.5\n");
  EXPECT_EQ(log(), "C403F25 W5e C3F2045 R100 ");
}

// The fewest that the adapter allows: commands, data, commands (a message and the question for its
// count each), standby and its reply, the read and its reply.
TEST_F(AgilentControllerTest, AQueryCostsTenTransfersAndThreeReports) {
  meet(kDmm);
  plug_->model.answer(5, "1.5\n");
  plug_->transfers = plug_->reports = 0;
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(plug_->transfers, 4U);
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(plug_->transfers, 10U);
  EXPECT_EQ(plug_->reports, 3U);
}

TEST_F(AgilentControllerTest, MovesEveryByteValueInPieces) {
  std::string all(70000, '\0');
  std::iota(all.begin(), all.end(), '\0');
  for (const std::size_t size : {1UL, 255UL, 16383UL, 16384UL, 16385UL, 65535UL, 70000UL}) {
    const std::string text = all.substr(0, size);
    EXPECT_EQ(write(kDmm, text), Status::success);
    EXPECT_EQ(dmm().messages.back(), text);
    plug_->model.answer(5, text);
    EXPECT_EQ(read(kDmm, 80000).reason, StopReason::end);
    EXPECT_EQ(answer_, text);
    plug_->model.answer(5, text);
    EXPECT_EQ(read(kDmm, size).count, size);
    EXPECT_EQ(answer_, text);
  }
}

TEST_F(AgilentControllerTest, GivesEoiOnlyWithTheLastByteOfAMessage) {
  EXPECT_EQ(write(kDmm, "AB", spi::WriteEnd::none), Status::success);
  EXPECT_EQ(write(kDmm, "CD"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"ABCD"});
  EXPECT_EQ(write(kDmm, std::string(20000, 'x')), Status::success);
  EXPECT_EQ(log(), "C403F25 W2 W2e C403F25 W16384 W3616e ");
}

TEST_F(AgilentControllerTest, ReadsOnWithoutAddressingOrStandby) {
  plug_->model.answer(5, "0123456789");
  EXPECT_EQ(read(kDmm, 4).reason, StopReason::count);
  plug_->transfers = 0;
  EXPECT_EQ(read(kDmm, 4).reason, StopReason::count);
  EXPECT_EQ(plug_->transfers, 2U);
  EXPECT_EQ(read(kDmm, 4).reason, StopReason::end);
  EXPECT_EQ(answer_, "89");
}

TEST_F(AgilentControllerTest, EndsAtTheTerminationCharacter) {
  plug_->model.answer(5, "one\ntwo\n");
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_EQ(read(kDmm, 100, lines).reason, StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(kDmm, 100, lines).reason, StopReason::end);
  EXPECT_EQ(answer_, "two\n");
}

TEST_F(AgilentControllerTest, ATimeoutDeliversWhatCameAndTheNextReadTheRest) {
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(short_read(kDmm, 100).status, Status::error_tmo);
  EXPECT_EQ(log(), "C403F25 W5e C3F2045 R100 A1 ");
  plug_->model.answer(5, "late");
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "late");
  EXPECT_EQ(log(), "R100 ");
}

TEST_F(AgilentControllerTest, AfterEveryTimeoutTheNextQueryGetsItsOwnAnswer) {
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(short_read(kDmm, 100).status, Status::error_tmo);
    EXPECT_EQ(write(kDmm, "READ?"), Status::success);
    plug_->model.answer(5, std::to_string(round));
    EXPECT_EQ(read(kDmm, 100).status, Status::success);
    EXPECT_EQ(answer_, std::to_string(round));
  }
}

TEST_F(AgilentControllerTest, ACancelledReadIsAbortedAtTheAdapter) {
  Call call(Deadline::infinite());
  std::thread other([&] {
    plug_->with([](AgilentModel&) {});
    call.cancel();
    board_->wake();
  });
  EXPECT_EQ(read_with(call, kDmm, 100).status, Status::error_abort);
  other.join();
  EXPECT_FALSE(plug_->model.busy());
  plug_->model.answer(5, "x");
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
}

TEST_F(AgilentControllerTest, AddressesAgainWhenTheReadIsRefused) {
  meet(kDmm);
  plug_->model.answer(5, "x");
  plug_->model.refuse_reads = 1;
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "x");
  EXPECT_EQ(log(), "C3F2045 C3F2045 R100 ");
  plug_->model.refuse_reads = 2;
  EXPECT_EQ(read(kDmm, 100).status, Status::error_inv_setup);
  EXPECT_EQ(short_read(kDmm, 100).status, Status::error_tmo);
}

TEST_F(AgilentControllerTest, AMissingReportCostsLittleAndTheWriteCounts) {
  meet(kDmm);
  plug_->model.lose_reports = 2;
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(dmm().messages.back(), "READ?");
  Call call(Deadline::after(30ms));
  plug_->model.lose_reports = 1;
  EXPECT_EQ(board_->command(bytes("\x3F"), call).status, Status::success);
}

TEST_F(AgilentControllerTest, AReportOfAnEarlierWriteEndsNoLaterOne) {
  meet(kDmm);
  plug_->model.instruments[5].holds = true;
  Call call(Deadline::after(60ms));
  const std::array<std::byte, 8> stale{std::byte{2}};
  std::thread other([&] {
    const std::lock_guard lock(plug_->mutex);
    plug_->listener->interrupt(drivers::usb::UsbOutcome::done, stale);
  });
  EXPECT_EQ(board_->write(kDmm, bytes("x"), spi::WriteEnd::end, {}, call).status,
            Status::error_tmo);
  other.join();
}

TEST_F(AgilentControllerTest, AWriteThatIsNotTakenTimesOutAndTheNextGoesThrough) {
  meet(kDmm);
  dmm().holds = true;
  Call call(Deadline::after(30ms));
  EXPECT_EQ(board_->write(kDmm, bytes("slow"), spi::WriteEnd::end, {}, call).status,
            Status::error_tmo);
  EXPECT_EQ(log(), "C403F25 A0 ");
  plug_->model.let_go(5);
  EXPECT_EQ(write(kDmm, "again"), Status::success);
  EXPECT_EQ(dmm().messages.back(), "again");
}

TEST_F(AgilentControllerTest, FindsAtOnceThatNothingListens) {
  EXPECT_EQ(write(Address{7}, "x"), Status::error_nlisteners);
  EXPECT_EQ(log(), "C403F27 ");  // no write was begun, and so none had to be aborted
  meet(kDmm);
  plug_->model.instruments.erase(5);
  Call call(Deadline::after(30ms));
  EXPECT_EQ(board_->write(kDmm, bytes("x"), spi::WriteEnd::end, {}, call).status,
            Status::error_nlisteners);
  EXPECT_EQ(log(), "C403F25 A0 ");
  EXPECT_EQ(write(kDmm, "x"), Status::error_nlisteners);
  EXPECT_EQ(log(), "C403F25 ");
}

TEST_F(AgilentControllerTest, FindsAtOnceThatTheBusIsEmpty) {
  plug_->model.instruments.clear();
  EXPECT_EQ(write(kDmm, "x"), Status::error_nlisteners);
  EXPECT_EQ(log(), "");
  plug_->model.instruments[5];
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  plug_->model.instruments.clear();
  Call call(Deadline::after(30ms));
  EXPECT_EQ(board_->write(kDmm, bytes("x"), spi::WriteEnd::end, {}, call).status,
            Status::error_nlisteners);
}

TEST_F(AgilentControllerTest, AnUnplugEndsAReadAtOnce) {
  std::thread other([&] { plug_->unplug(); });
  EXPECT_EQ(read(kDmm, 100).status, Status::error_conn_lost);
  other.join();
  EXPECT_TRUE(board_->gone());
  EXPECT_NE(call_.detail.find("unplugged"), std::string::npos);
}

TEST_F(AgilentControllerTest, AnUnplugEndsAWriteAtOnce) {
  meet(kDmm);
  dmm().holds = true;
  std::thread other([&] { plug_->unplug(); });
  EXPECT_EQ(board_->write(kDmm, bytes("x"), spi::WriteEnd::end, {}, call_).status,
            Status::error_conn_lost);
  other.join();
}

TEST_F(AgilentControllerTest, ClearsAndTriggersAndControlsRemote) {
  EXPECT_EQ(inside(call_, [&] { return board_->clear(kDmm, call_); }), Status::success);
  EXPECT_EQ(inside(call_, [&] { return board_->trigger(kDmm, call_); }), Status::success);
  EXPECT_EQ(dmm().clears, 1U);
  EXPECT_EQ(dmm().triggers, 1U);
  EXPECT_TRUE(plug_->model.ren());
  EXPECT_EQ(board_->control_ren(nullptr, spi::RenMode::deassert, call_), Status::success);
  EXPECT_FALSE(plug_->model.ren());
}

TEST_F(AgilentControllerTest, DrivesTheBusByCommandBytes) {
  EXPECT_EQ(board_->command(bytes("\x40\x3F\x25"), call_).count, 3U);
  EXPECT_EQ(board_->send(bytes("raw"), true, call_).count, 3U);
  EXPECT_EQ(dmm().messages.back(), "raw");
  plug_->model.answer(5, "raw answer");
  EXPECT_EQ(board_->command(bytes("\x3F\x20\x45"), call_).status, Status::success);
  std::string into(100, '?');
  const auto got = board_->receive(std::as_writable_bytes(std::span(into)), {}, call_);
  EXPECT_EQ(got.reason, StopReason::end);
  EXPECT_EQ(got.count, 10U);
  EXPECT_EQ(board_->send_ifc(call_), Status::success);
  EXPECT_EQ(board_->receive(std::as_writable_bytes(std::span(into)), {}, call_).status,
            Status::error_inv_setup);
  EXPECT_NE(call_.detail.find("listen"), std::string::npos);
  Call call(Deadline::after(30ms));
  EXPECT_EQ(board_->send(bytes("x"), true, call).status, Status::error_inv_setup);
}

TEST_F(AgilentControllerTest, HasNoShadowHandshake) {
  using drivers::gpib::AtnMode;
  EXPECT_EQ(board_->control_atn(AtnMode::assert_atn, call_), Status::success);
  EXPECT_EQ(board_->state(call_)->atn, drivers::gpib::State::asserted);
  EXPECT_EQ(board_->control_atn(AtnMode::deassert, call_), Status::success);
  EXPECT_EQ(board_->state(call_)->atn, drivers::gpib::State::unasserted);
  EXPECT_EQ(board_->control_atn(AtnMode::deassert_handshake, call_), Status::error_nsup_mode);
}

}  // namespace
}  // namespace visa::test
