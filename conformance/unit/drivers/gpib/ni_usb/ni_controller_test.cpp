// SPDX-License-Identifier: MIT
// Transfers with the instruments of a bus.
#include "drivers/gpib/ni_usb/ni_controller.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <algorithm>
#include <string>

#include "conformance/unit/drivers/support/open_ni.h"
#include "conformance/unit/support/ended_thread.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

class NiControllerTest : public NiTest {
 protected:
  NiControllerTest() {
    EXPECT_EQ(open(), Status::success);
    log();
  }
};

TEST_F(NiControllerTest, AQueryIsEightPairs) {
  dmm().answers = {"1.5\n"};
  const unsigned before = usb_->bulk_transfers;
  EXPECT_EQ(write(kDmm, "READ?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).reason, spi::StopReason::end);
  EXPECT_EQ(answer_, "1.5\n");
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"READ?"});
  EXPECT_EQ(log(), "T1 C403F25 S W5e T1 C3F2045 S R100 ");
  EXPECT_EQ(usb_->bulk_transfers - before, 16U);
}

TEST_F(NiControllerTest, EveryByteValueAndLengthPassesBothWays) {
  for (const bool long_blocks : {false, true}) {
    model_.long_blocks = long_blocks;
    for (const std::size_t size :
         {1U, 14U, 15U, 16U, 29U, 30U, 31U, 59U, 60U, 61U, 255U, 1024U, 65535U, 70000U}) {
      if (!long_blocks && size > 60000) continue;
      std::string data(size, '\0');
      for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<char>(i * 7 + size);
      dmm().messages.clear();
      ASSERT_EQ(write(kDmm, data), Status::success) << size;
      ASSERT_EQ(dmm().messages, std::vector<std::string>{data}) << size;
      dmm().answers = {data};
      ASSERT_EQ(read(kDmm, 80000).reason, spi::StopReason::end) << size;
      ASSERT_EQ(answer_, data) << size;
      dmm().answers = {data};
      ASSERT_EQ(read(kDmm, size).status, Status::success) << size;
      ASSERT_EQ(answer_, data) << size;
      ASSERT_TRUE(dmm().answers.empty());
    }
  }
}

TEST_F(NiControllerTest, ALongWriteHasEndWithItsLastPieceOnly) {
  EXPECT_EQ(write(kDmm, std::string(65536, 'x')), Status::success);
  EXPECT_EQ(log(), "T1 C403F25 S W65535 W1e ");
  EXPECT_EQ(write(kDmm, "no end", spi::WriteEnd::none), Status::success);
  EXPECT_EQ(log(), "T1 C403F25 S W6 ");
}

TEST_F(NiControllerTest, MoreCommandBytesThanOneMessageTakesGoInSeveral) {
  const Bytes bytes(40, std::byte{0x11});
  const auto sent = on_bus([&] { return board_->command(bytes, call_); });
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(sent.count, 40U);
  const std::string sixteen = "C11111111111111111111111111111111 ";
  EXPECT_EQ(log(), "T1 " + sixteen + sixteen + "C1111111111111111 ");
}

TEST_F(NiControllerTest, StopsAtTheTerminationCharacter) {
  dmm().answers = {"one\ntwo\n"};
  const spi::EndRule lines{.termchar_enabled = true};
  EXPECT_EQ(read(kDmm, 100, lines).reason, spi::StopReason::termchar);
  EXPECT_EQ(answer_, "one\n");
  EXPECT_EQ(read(kDmm, 2).reason, spi::StopReason::count);
  EXPECT_EQ(read(kDmm, 100, lines).reason, spi::StopReason::termchar);
  EXPECT_EQ(answer_, "o\n");
}

TEST_F(NiControllerTest, AfterATimeoutTheNextQueryGetsItsOwnAnswer) {
  EXPECT_EQ(write(kDmm, "A?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).status, Status::error_tmo);
  EXPECT_TRUE(says("no answer in time"));
  dmm().answers = {"B"};
  EXPECT_EQ(write(kDmm, "B?"), Status::success);
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "B");
}

TEST_F(NiControllerTest, ATimeoutDeliversWhatCameAndGoesOn) {
  usb_->while_waiting = [this] { dmm().answers = {}; };
  dmm().answers = {"0123"};
  EXPECT_EQ(read(kDmm, 2).count, 2U);
  log();
  EXPECT_EQ(read(kDmm, 2).count, 2U);  // not addressed again inside the answer
  EXPECT_EQ(log(), "R2 ");
}

TEST_F(NiControllerTest, AnAnswerThatCameAfterItsReadIsKept) {
  model_.slow_stop = true;
  EXPECT_EQ(read(kDmm, 100).status, Status::error_tmo);
  dmm().answers = {"late"};
  EXPECT_EQ(write(kSource, "x"), Status::success);
  EXPECT_EQ(read(kDmm, 2).reason, spi::StopReason::count);
  EXPECT_EQ(answer_, "la");
  EXPECT_EQ(read(kDmm, 9).reason, spi::StopReason::end);
  EXPECT_EQ(answer_, "te");
}

TEST_F(NiControllerTest, ANewMessageMakesALateAnswerVoid) {
  model_.slow_stop = true;
  EXPECT_EQ(read(kDmm, 100).status, Status::error_tmo);
  dmm().answers = {"late"};
  EXPECT_EQ(write(kDmm, "B?"), Status::success);
  dmm().answers = {"B"};
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "B");
}

TEST_F(NiControllerTest, ALostReplyCostsThatCallAlone) {
  // That of taking control is not missed: it is taken again in another way.
  const Status expected[] = {Status::success, Status::error_tmo, Status::error_tmo,
                             Status::error_tmo};
  for (unsigned i = 0; i < 4; ++i) {
    model_.kept_replies = i;
    model_.lost_replies = 1;
    EXPECT_EQ(write(kDmm, "Q?"), expected[i]) << i;
    dmm().answers = {"own"};
    EXPECT_EQ(write(kDmm, "Q?"), Status::success) << i;
    EXPECT_EQ(read(kDmm, 100).status, Status::success) << i;
    EXPECT_EQ(answer_, "own");
  }
}

// A reply too many is taken for the next ones, until that to standby tells. No data has passed.
TEST_F(NiControllerTest, AReplyTooManyShowsBeforeDataPasses) {
  model_.leave_stale(
      {std::byte{1}, std::byte{0}, std::byte{0x20}, {}, {}, {}, {}, {}, std::byte{4}, {}, {}, {}});
  EXPECT_EQ(write(kDmm, "A"), Status::error_io);
  EXPECT_TRUE(dmm().messages.empty());
  EXPECT_EQ(write(kDmm, "B"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"B"});
}

TEST_F(NiControllerTest, AnEarlyTimerOfTheAdapterIsNotTheEnd) {
  model_.timer_fires = true;
  usb_->while_waiting = [this] { dmm().answers = {"after"}; };
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "after");
  EXPECT_EQ(log(), "T1 C3F2045 S R100 R100 ");
}

TEST_F(NiControllerTest, TheAdaptersTimerIsNotBelowTheDeadline) {
  dmm().answers = {"a", "b"};
  call_.deadline = Deadline::after(std::chrono::milliseconds(2900));
  EXPECT_EQ(read(kDmm, 9).status, Status::success);
  EXPECT_EQ(model_.last_timeout(), 0xFC);
  call_.deadline = Deadline::infinite();
  EXPECT_EQ(read(kDmm, 9).status, Status::success);
  EXPECT_EQ(model_.last_timeout(), kNoTimeout);
}

TEST_F(NiControllerTest, AnImmediateCallStillTries) {
  call_.deadline = Deadline::immediate();
  EXPECT_EQ(write(kDmm, "Q?"), Status::success);
  dmm().answers = {"now"};
  EXPECT_EQ(read(kDmm, 9).status, Status::success);
  EXPECT_EQ(read(kDmm, 9).status, Status::error_tmo);
  EXPECT_EQ(write(kDmm, "Q?"), Status::success);
}

TEST_F(NiControllerTest, AWriteThatIsHeldUpIsStopped) {
  model_.holds_nrfd = true;
  EXPECT_EQ(write(kDmm, "12345"), Status::error_tmo);
  EXPECT_EQ(written_, 0U);
  model_.holds_nrfd = false;
  EXPECT_EQ(write(kDmm, "67"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"67"});
}

TEST_F(NiControllerTest, ACancelEndsARead) {
  usb_->while_waiting = [this] { call_.cancel(); };
  EXPECT_EQ(read(kDmm, 9).status, Status::error_abort);
}

TEST_F(NiControllerTest, NobodyListensIsSaid) {
  EXPECT_EQ(write(Address{12}, "x"), Status::error_nlisteners);
  EXPECT_TRUE(says("is the address right"));
  model_.devices.clear();
  EXPECT_EQ(write(kDmm, "x"), Status::error_nlisteners);
  EXPECT_TRUE(says("is any instrument on"));
}

TEST_F(NiControllerTest, UnpluggedInAReadTheAdapterIsGone) {
  usb_->while_waiting = [this] { usb_->unplugged = true; };
  EXPECT_EQ(read(kDmm, 9).status, Status::error_conn_lost);
  EXPECT_TRUE(board_->gone());
}

TEST_F(NiControllerTest, AnErrorOfTheAdapterLeavesTheSessionAtWork) {
  for (unsigned error = 2; error < 16; ++error) {
    model_.next_error = static_cast<std::uint8_t>(error);
    if (error == 10) continue;
    EXPECT_TRUE(failed(write(kDmm, "x"))) << error;
    EXPECT_EQ(write(kDmm, "x"), Status::success) << error;
  }
}

TEST_F(NiControllerTest, AHandshakeThatIsStuckIsInterrupted) {
  model_.refuses_sync = true;
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_EQ(log(), "T1 T0 C403F25 S W1e ");
}

// The devices would answer the next read with their status bytes.
TEST_F(NiControllerTest, APollThatCouldNotBeEndedIsEndedBeforeTheNextCommands) {
  dmm().answers_poll = false;
  model_.never_stops = true;
  usb_->halts_stay = true;
  EXPECT_EQ(on_bus([&] { return board_->serial_poll(kDmm, call_); }).status(), Status::error_tmo);
  EXPECT_EQ(log().find("C195F"), std::string::npos);
  model_.never_stops = false;
  usb_->halts_stay = false;
  dmm().answers = {"mine"};
  EXPECT_EQ(read(kDmm, 10).status, Status::success) << call_.detail;
  EXPECT_EQ(answer_, "mine");
  EXPECT_NE(log().find("C195F C3F2045 "), std::string::npos);
}

TEST_F(NiControllerTest, AThreadThatIsEndedInAPollLeavesNoDeviceInIt) {
  dmm().answers_poll = false;
  usb_->while_waiting = [] {
    ::pthread_cancel(::pthread_self());
    ::pthread_testcancel();
  };
  test::EndedThread thread([&] {
    EXPECT_EQ(board_->begin(call_), Status::success);
    struct End {  // as the bus has it
      Controller& board;
      ~End() { board.end(); }
    } const end{*board_};
    EXPECT_FALSE(board_->serial_poll(kDmm, call_).has_value());
  });
  EXPECT_TRUE(thread.join());
  dmm().answers = {"mine"};
  EXPECT_EQ(read(kDmm, 10).status, Status::success) << call_.detail;
  EXPECT_EQ(answer_, "mine");
}

TEST_F(NiControllerTest, PollsClearsAndTriggers) {
  dmm().status = 0x41;
  const auto polled = on_bus([&] { return board_->serial_poll(kDmm, call_); });
  ASSERT_TRUE(polled.has_value());
  EXPECT_EQ(*polled, 0x41);
  EXPECT_EQ(log(), "T1 C3F201845 S R1 T1 C195F ");
  model_.devices[kScope].answers_poll = false;
  EXPECT_EQ(on_bus([&] { return board_->serial_poll(kScope, call_); }).status(), Status::error_tmo);
  EXPECT_EQ(on_bus([&] { return board_->clear(kScope, call_); }), Status::success);
  EXPECT_EQ(on_bus([&] { return board_->trigger(kScope, call_); }), Status::success);
  EXPECT_EQ(model_.devices[kScope].clears, 1U);
  EXPECT_EQ(model_.devices[kScope].triggers, 1U);
  const auto found = on_bus([&] { return board_->find_listeners(call_); });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(*found, (std::vector<Address>{kDmm, kSource, kScope}));
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
