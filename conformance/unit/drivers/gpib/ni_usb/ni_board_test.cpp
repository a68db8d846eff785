// SPDX-License-Identifier: MIT
// The board itself: lines, addresses, control, service requests.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/open_ni.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

class NiBoardTest : public NiTest {
 protected:
  NiBoardTest() {
    EXPECT_EQ(open(), Status::success);
    log();
  }
  BusState state() {
    const auto now = on_bus([&] { return board_->state(call_); });
    EXPECT_TRUE(now.has_value());
    return now ? *now : BusState{};
  }
  Status atn(AtnMode mode) {
    return on_bus([&] { return board_->control_atn(mode, call_); });
  }
  Status wait() {
    Call moment(Deadline::immediate());
    return board_->wait_events(BusEvents::service, moment).status();
  }
};

TEST_F(NiBoardTest, ShowsTheLines) {
  EXPECT_EQ(atn(AtnMode::assert_atn), Status::success);
  dmm().status = 0x40;
  BusState now = state();
  EXPECT_EQ(now.ren, State::asserted);
  EXPECT_EQ(now.atn, State::asserted);
  EXPECT_EQ(now.srq, State::asserted);
  EXPECT_EQ(now.ndac, State::unasserted);
  EXPECT_EQ(now.controller_in_charge, State::asserted);
  EXPECT_EQ(now.system_controller, State::asserted);
  EXPECT_EQ(now.addressed, Addressed::talker);
  EXPECT_EQ(atn(AtnMode::deassert), Status::success);
  EXPECT_EQ(state().atn, State::unasserted);
}

TEST_F(NiBoardTest, ControlsAtn) {
  EXPECT_EQ(atn(AtnMode::assert_immediate), Status::success);
  EXPECT_EQ(log(), "T0 ");
  EXPECT_EQ(atn(AtnMode::deassert), Status::success);
  EXPECT_EQ(atn(AtnMode::deassert_handshake), Status::error_nsup_mode);
  model_.in_charge = false;
  EXPECT_EQ(atn(AtnMode::assert_atn), Status::error_ncic);
}

TEST_F(NiBoardTest, ControlsRenAndIfc) {
  using enum spi::RenMode;
  EXPECT_EQ(on_bus([&] { return board_->control_ren(nullptr, deassert, call_); }), Status::success);
  EXPECT_FALSE(model_.ren);
  EXPECT_EQ(on_bus([&] { return board_->control_ren(nullptr, assert_ren, call_); }),
            Status::success);
  EXPECT_TRUE(model_.ren);
  model_.in_charge = false;
  EXPECT_EQ(on_bus([&] { return board_->send_ifc(call_); }), Status::success);
  EXPECT_TRUE(model_.in_charge);
}

TEST_F(NiBoardTest, GivesUpSystemControl) {
  EXPECT_EQ(on_bus([&] { return board_->set_system_controller(false, call_); }), Status::success);
  EXPECT_FALSE(model_.system_controller);
  EXPECT_EQ(on_bus([&] { return board_->send_ifc(call_); }), Status::error_nsys_cntlr);
  EXPECT_EQ(on_bus([&] { return board_->control_ren(nullptr, spi::RenMode::assert_ren, call_); }),
            Status::error_nsys_cntlr);
  EXPECT_EQ(on_bus([&] { return board_->set_system_controller(true, call_); }), Status::success);
  EXPECT_EQ(on_bus([&] { return board_->send_ifc(call_); }), Status::success);
}

TEST_F(NiBoardTest, ChangesItsAddress) {
  EXPECT_EQ(on_bus([&] { return board_->set_own_address({3, 4}, call_); }), Status::success);
  EXPECT_EQ(model_.own, 3);
  EXPECT_EQ(model_.own_secondary, 4);
  EXPECT_EQ(board_->own_address(), (Address{3, 4}));
  log();
  EXPECT_EQ(on_bus([&] { return board_->set_own_address({3}, call_); }), Status::success);
  EXPECT_EQ(model_.own_secondary, std::nullopt);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_EQ(log(), "w5 T1 C433F25 S W1e ");
}

TEST_F(NiBoardTest, PassesControl) {
  EXPECT_EQ(on_bus([&] { return board_->pass_control(kDmm, call_); }), Status::success);
  EXPECT_EQ(log(), "T1 C3F4509 S ");
  model_.passes_at_once = true;
  EXPECT_EQ(on_bus([&] { return board_->pass_control(kDmm, call_); }), Status::success);
  EXPECT_EQ(write(kDmm, "x"), Status::error_ncic);
  EXPECT_TRUE(says("viGpibSendIFC"));
  EXPECT_EQ(on_bus([&] { return board_->pass_control(kDmm, call_); }), Status::error_ncic);
}

TEST_F(NiBoardTest, SendsAndReceivesWithoutAddressing) {
  const std::string text = "x";
  const auto data = std::as_bytes(std::span(text));
  EXPECT_EQ(on_bus([&] { return board_->send(data, true, call_); }).status,
            Status::error_nlisteners);
  Bytes into(4);
  EXPECT_EQ(on_bus([&] { return board_->receive(into, {}, call_); }).status,
            Status::error_inv_setup);
  EXPECT_TRUE(says("not addressed to listen"));
}

TEST_F(NiBoardTest, AnswersAPollOfAnotherController) {
  EXPECT_EQ(on_bus([&] { return board_->set_own_status(0x42, call_); }), Status::success);
  EXPECT_EQ(model_.own_status, 0x42);
  EXPECT_EQ(board_->own_status(), 0x42);
}

TEST_F(NiBoardTest, ReportsAServiceRequestOnceItIsWaitedFor) {
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_TRUE(model_.armed());
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(log(), "A r1F ");  // armed once
  model_.request_service(kDmm, 0x41);
  usb_->deliver_reports();
  EXPECT_EQ(wait(), Status::success);
}

TEST_F(NiBoardTest, ThreeRequestsAtOnceAreAllFound) {
  EXPECT_EQ(wait(), Status::error_tmo);
  for (const Address& one : {kDmm, kScope, kSource}) model_.request_service(one, 0x41);
  usb_->deliver_reports();
  for (const Address& one : {kDmm, kScope, kSource}) {
    EXPECT_EQ(wait(), Status::success);
    // The poll arms the monitor again, and sees the others.
    EXPECT_TRUE(on_bus([&] { return board_->serial_poll(one, call_); }).has_value());
  }
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_TRUE(model_.armed());
}

TEST_F(NiBoardTest, ARequestOfBeforeIsSeenOnTheLine) {
  dmm().status = 0x40;
  EXPECT_EQ(wait(), Status::success);
}

TEST_F(NiBoardTest, OperationsOfOthersCostNothingWhileItIsArmed) {
  EXPECT_EQ(wait(), Status::error_tmo);
  log();
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_EQ(log(), "T1 C403F25 S W1e ");
}

TEST_F(NiBoardTest, IsNotArmedWhileAReplyIsOwed) {
  EXPECT_EQ(wait(), Status::error_tmo);
  model_.request_service(kDmm, 0x40);
  usb_->deliver_reports();
  EXPECT_EQ(wait(), Status::success);
  dmm().status = 0;
  model_.slow_stop = true;
  log();
  EXPECT_EQ(read(kDmm, 10).status, Status::error_tmo);
  EXPECT_EQ(log(), "T1 C3F2045 S R10 X ");
  EXPECT_EQ(write(kDmm, "x"), Status::success);
  EXPECT_TRUE(model_.armed());
}

TEST_F(NiBoardTest, AWaitIsWokenByARequestAndByACancel) {
  EXPECT_EQ(board_->awaitable(), BusEvents::service);
  Call call(Deadline::infinite());
  const auto waits = [&] { return board_->wait_events(BusEvents::service, call).status(); };
  EXPECT_EQ(wait(), Status::error_tmo);
  auto waiting = std::async(std::launch::async, waits);
  model_.request_service(kDmm, 0x40);
  usb_->deliver_reports();
  EXPECT_EQ(waiting.get(), Status::success);
  EXPECT_TRUE(on_bus([&] { return board_->serial_poll(kDmm, call_); }).has_value());
  auto other = std::async(std::launch::async, waits);
  call.cancel();
  board_->wake();
  EXPECT_EQ(other.get(), Status::error_abort);
}

TEST_F(NiBoardTest, AnInterruptEndpointThatStalledIsListenedToAgain) {
  EXPECT_EQ(wait(), Status::error_tmo);
  const unsigned halts = model_.halts_cleared;
  usb_->end_reports(usb::UsbOutcome::stalled);
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(usb_->listens, 2U);
  EXPECT_EQ(model_.halts_cleared, halts + 1);
  model_.request_service(kDmm, 0x41);
  usb_->deliver_reports();
  EXPECT_EQ(wait(), Status::success);
}

TEST_F(NiBoardTest, WithoutReportsTheLineIsLookedAt) {
  usb_->deaf_ears = true;
  usb_->end_reports(usb::UsbOutcome::failed);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(usb_->listens, 1U + NiMonitor::kMostTries) << "the tries to listen are bounded";
  dmm().status = 0x40;
  EXPECT_EQ(wait(), Status::success);
  EXPECT_TRUE(on_bus([&] { return board_->serial_poll(kDmm, call_); }).has_value());
  EXPECT_EQ(wait(), Status::error_tmo);
}

TEST_F(NiBoardTest, AWaitThatIsOverAsksTheAdapterNothing) {
  usb_->deaf_ears = true;
  usb_->end_reports(usb::UsbOutcome::failed);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(wait(), Status::error_tmo);
  std::optional<unsigned> asked;
  // On a busy machine a wait may be over before its first pause.
  for (int i = 0; i < 20 && !asked; ++i) {
    Call brief(Deadline::after(std::chrono::milliseconds(100)));
    usb_->while_pausing = [&] {
      asked = usb_->bulk_transfers;
      while (!brief.deadline.expired()) std::this_thread::yield();
    };
    EXPECT_EQ(board_->wait_events(BusEvents::service, brief).status(), Status::error_tmo);
    usb_->while_pausing = nullptr;
  }
  EXPECT_EQ(usb_->bulk_transfers, asked);
}

TEST_F(NiBoardTest, AnUnpluggedAdapterEndsTheWait) {
  EXPECT_EQ(wait(), Status::error_tmo);
  const unsigned asked = usb_->bulk_transfers;
  usb_->unplugged = true;
  usb_->end_reports();
  EXPECT_EQ(wait(), Status::error_conn_lost);
  EXPECT_EQ(usb_->bulk_transfers, asked) << "it is gone";
  EXPECT_TRUE(board_->gone());
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
