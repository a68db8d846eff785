// SPDX-License-Identifier: MIT
// The start of an 82357, polls, service requests, and what it tells of itself.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_agilent.h"

namespace visa::test {
namespace {

using namespace std::chrono_literals;
using drivers::gpib::Addressed;
using drivers::gpib::BusEvents;
using drivers::gpib::State;
using drivers::usb::UsbOutcome;

class AgilentOperationsTest : public OpenAgilent {
 protected:
  Status wait_service(Call& call) { return board_->wait_events(BusEvents::service, call).status(); }
  Result<std::uint8_t> poll(const Address& device) {
    return inside(call_, [&] { return board_->serial_poll(device, call_); });
  }
};

TEST_F(AgilentOperationsTest, StartsInOrderAndLeavesTheAdapterAtRest) {
  plug_->model.registers[0x0A] = 0x28;  // supply and oscillator are kept
  ASSERT_EQ(open(), Status::success) << call_.detail;
  EXPECT_EQ(plug_->model.resets, 1U);
  EXPECT_EQ(plug_->model.registers[0x0A], 0x2F);
  EXPECT_EQ(plug_->model.registers[0x0D], 0x01);
  EXPECT_EQ(plug_->model.registers[0x0E], 0x26);
  EXPECT_EQ(plug_->model.registers[0x00], 0x30);
  EXPECT_EQ(plug_->model.registers[0x0B], 0x01);
  EXPECT_TRUE(plug_->model.ren());
  EXPECT_EQ(plug_->halts_cleared, 2U);
  board_->close(call_);
  EXPECT_EQ(plug_->model.registers[0x03], 0x80);
  EXPECT_EQ(plug_->model.registers[0x0A], 0x2E);
  EXPECT_EQ(plug_->model.registers[0x0B], 0x00);
  EXPECT_TRUE(plug_->closed);
  board_.reset();
}

TEST_F(AgilentOperationsTest, DropsWhatAKilledPredecessorLeft) {
  plug_->model.replies = {{0xFA, 0, 0x12}, {0xFB, 0}};
  ASSERT_EQ(open(), Status::success) << call_.detail;
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(kDmm, 100).status, Status::success);
  EXPECT_EQ(answer_, "mine");
}

TEST_F(AgilentOperationsTest, StartsThoughTheFirstReplyIsLost) {
  plug_->model.lose_replies = 1;
  ASSERT_EQ(open(), Status::success) << call_.detail;
  EXPECT_EQ(plug_->model.resets, 2U);
}

TEST_F(AgilentOperationsTest, AnAdapterThatHangsFailsInTime) {
  plug_->model.deaf = true;
  call_.deadline = Deadline::after(100ms);
  EXPECT_EQ(open(), Status::error_tmo);
  EXPECT_NE(call_.detail.find("adapter"), std::string::npos);
  EXPECT_TRUE(plug_->closed);
}

TEST_F(AgilentOperationsTest, AnUnpluggedAdapterIsNotFound) {
  plug_->unplugged = true;
  EXPECT_EQ(open(), Status::error_rsrc_nfound);
}

TEST_F(AgilentOperationsTest, PollsADevice) {
  ASSERT_EQ(open(), Status::success);
  dmm().status = 0x11;
  EXPECT_EQ(*poll(kDmm), 0x11);
  EXPECT_EQ(log(), "C3F201845 R1 C195F ");
  dmm().status = 0;
  EXPECT_EQ(*poll(kDmm), 0);
  EXPECT_EQ(log(), "C3F201845 R1 C195F C403F25 ");
}

TEST_F(AgilentOperationsTest, APollOfNobodyIsATimeout) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(poll(Address{7}).status(), Status::error_tmo);
  EXPECT_EQ(*poll(kDmm), 0);
}

// The reply of the poll comes after the time for it, and until then the poll cannot be ended. So
// the devices would answer the next read with their status bytes. The late one is no part of an
// answer, either.
TEST_F(AgilentOperationsTest, APollThatCouldNotBeEndedIsEndedByIfc) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(short_read(kDmm, 10).status, Status::error_tmo);
  log();
  dmm().status = 'A';
  plug_->model.slow_aborts = 1;
  plug_->model.slow_polls = 1;
  Call soon(Deadline::after(30ms));
  ASSERT_EQ(board_->begin(soon), Status::success);
  EXPECT_EQ(board_->serial_poll(kDmm, soon).status(), Status::error_tmo);
  board_->end();
  EXPECT_EQ(log().find("C195F"), std::string::npos);
  plug_->with([](AgilentModel& model) { model.let_go_on(); });
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(kDmm, 10).status, Status::success) << call_.detail;
  EXPECT_EQ(answer_, "mine");
  EXPECT_NE(log().find("IFC C3F2045 R10 "), std::string::npos);
}

TEST_F(AgilentOperationsTest, TellsServiceRequestsOfTwoDevicesOneAfterTheOther) {
  ASSERT_EQ(open(), Status::success);
  Call none(Deadline::immediate());
  EXPECT_EQ(wait_service(none), Status::error_tmo);
  std::thread other([&] {
    plug_->with([](AgilentModel& model) {
      model.request_service(5, 0x41);
      model.request_service(9, 0x42);  // no edge
    });
  });
  EXPECT_EQ(wait_service(call_), Status::success);
  other.join();
  EXPECT_EQ(*poll(kDmm), 0x41);
  EXPECT_EQ(wait_service(call_), Status::success);
  EXPECT_EQ(*poll(kScope), 0x42);
  EXPECT_EQ(wait_service(none), Status::error_tmo);
}

TEST_F(AgilentOperationsTest, SeesARequestFromBeforeTheStart) {
  plug_->model.request_service(5, 0x40);
  plug_->model.report();  // read by the predecessor
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(wait_service(call_), Status::success);
}

TEST_F(AgilentOperationsTest, LooksAtTheLineBeforeItTellsTheSameRequestAgain) {
  ASSERT_EQ(open(), Status::success);
  plug_->with([](AgilentModel& model) { model.request_service(5, 0x40); });
  EXPECT_EQ(wait_service(call_), Status::success);
  EXPECT_EQ(wait_service(call_), Status::success);
  dmm().status = 0;  // *CLS, for instance
  Call none(Deadline::after(1ms));
  EXPECT_EQ(wait_service(none), Status::error_tmo);
}

TEST_F(AgilentOperationsTest, EndsAWaitForEvents) {
  ASSERT_EQ(open(), Status::success);
  Call call(Deadline::infinite());
  std::thread other([&] {
    call.cancel();
    board_->wake();
  });
  EXPECT_EQ(wait_service(call), Status::error_abort);
  other.join();
  std::thread pulling([&] { plug_->unplug(); });
  EXPECT_EQ(wait_service(call_), Status::error_conn_lost);
  pulling.join();
}

TEST_F(AgilentOperationsTest, AnInterruptEndpointThatStalledIsListenedToAgain) {
  ASSERT_EQ(open(), Status::success);
  plug_->end_reports(UsbOutcome::stalled);
  plug_->with([](AgilentModel& model) {
    model.request_service(5, 0x40);
    model.report();  // lost
  });
  const unsigned halts = plug_->halts_cleared;
  EXPECT_EQ(wait_service(call_), Status::success);
  EXPECT_EQ(plug_->halts_cleared, halts + 1);
  EXPECT_EQ(plug_->listens, 2U);
  EXPECT_EQ(*poll(kDmm), 0x40);
  plug_->with([](AgilentModel& model) { model.request_service(9, 0x41); });
  EXPECT_EQ(wait_service(call_), Status::success);
}

TEST_F(AgilentOperationsTest, AnOperationRestartsTheReportsToo) {
  ASSERT_EQ(open(), Status::success);
  plug_->end_reports(UsbOutcome::failed);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_EQ(plug_->listens, 2U);
  EXPECT_EQ(plug_->reports, 2U) << "of the commands and of the data";
}

TEST_F(AgilentOperationsTest, WithoutReportsTheAdapterIsAsked) {
  ASSERT_EQ(open(), Status::success);
  plug_->deaf_ears = true;
  plug_->end_reports(UsbOutcome::failed);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(write(kDmm, "READ?"), Status::success) << call_.detail;
  EXPECT_EQ(plug_->listens, 4U) << "the tries to listen are bounded";
  EXPECT_EQ(dmm().messages.size(), 10U);
  dmm().holds = true;
  Call soon(Deadline::after(30ms));
  EXPECT_EQ(board_->begin(soon), Status::success);
  EXPECT_EQ(board_->write(kDmm, bytes("held"), spi::WriteEnd::end, {}, soon).status,
            Status::error_tmo);
  board_->end();
  dmm().holds = false;
  plug_->model.answer(5, "mine");
  EXPECT_EQ(read(kDmm, 10).status, Status::success);
  EXPECT_EQ(answer_, "mine");

  Call none(Deadline::immediate());
  EXPECT_EQ(wait_service(none), Status::error_tmo);
  plug_->with([](AgilentModel& model) { model.request_service(5, 0x40); });
  EXPECT_EQ(wait_service(call_), Status::success);
  EXPECT_EQ(*poll(kDmm), 0x40);
  EXPECT_EQ(wait_service(none), Status::error_tmo);
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(wait_service(cancelled), Status::error_abort);
}

TEST_F(AgilentOperationsTest, FindsListenersAndAnEmptyBus) {
  ASSERT_EQ(open(), Status::success);
  const auto found = inside(call_, [&] { return board_->find_listeners(call_); });
  ASSERT_TRUE(found.has_value()) << call_.detail;
  EXPECT_EQ(*found, (std::vector<Address>{kDmm, kScope}));
  EXPECT_TRUE(dmm().received.empty());
  plug_->model.instruments.clear();
  log();
  EXPECT_TRUE(board_->find_listeners(call_)->empty());
  EXPECT_EQ(log(), "");
}

TEST_F(AgilentOperationsTest, TellsTheStateOfBusAndBoard) {
  ASSERT_EQ(open(), Status::success);
  auto now = board_->state(call_);
  EXPECT_EQ(now->ren, State::asserted);
  EXPECT_EQ(now->srq, State::unasserted);
  EXPECT_EQ(now->controller_in_charge, State::asserted);
  EXPECT_EQ(now->system_controller, State::asserted);
  EXPECT_EQ(now->addressed, Addressed::no);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  now = board_->state(call_);
  EXPECT_EQ(now->addressed, Addressed::talker);
  EXPECT_EQ(now->ndac, State::asserted);
  plug_->model.answer(5, "x");
  EXPECT_EQ(read(kDmm, 10).status, Status::success);
  EXPECT_EQ(board_->state(call_)->addressed, Addressed::listener);
  EXPECT_EQ(board_->command(bytes("\x3F\x49"), call_).status, Status::success);
  EXPECT_EQ(board_->state(call_)->addressed, Addressed::no);
}

TEST_F(AgilentOperationsTest, HasAnAddressOfItsOwnWithoutASecondary) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(board_->set_own_address({21}, call_), Status::success);
  EXPECT_EQ(board_->own_address(), Address{21});
  EXPECT_EQ(board_->set_own_address({21, 1}, call_), Status::error_nsup_attr_state);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_EQ(log(), "C553F25 W1e ");
  EXPECT_EQ(board_->set_system_controller(true, call_), Status::success);
  EXPECT_EQ(board_->set_system_controller(false, call_), Status::error_nsup_attr_state);
}

TEST_F(AgilentOperationsTest, PassesControlAndTakesItBackByInterfaceClear) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(board_->pass_control(kDmm, call_), Status::success);
  EXPECT_EQ(log(), "C3F4509 ");
  EXPECT_EQ(plug_->model.registers[0x03], 0x12);
  EXPECT_EQ(board_->state(call_)->controller_in_charge, State::unasserted);
  EXPECT_EQ(write(kDmm, "x"), Status::error_ncic);
  EXPECT_EQ(board_->send_ifc(call_), Status::success);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
}

}  // namespace
}  // namespace visa::test
