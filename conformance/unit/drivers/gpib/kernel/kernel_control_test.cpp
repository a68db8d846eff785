// SPDX-License-Identifier: MIT
// What a kernel board does besides transfers.
#include "drivers/gpib/kernel/kernel_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/open_kernel_board.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

class KernelControlTest : public KernelFixture {};

TEST_F(KernelControlTest, ASerialPollReturnsTheStatusOnceWithTheRequest) {
  change({5}, [](ModelInstrument& one) { one.status = 0x50; });
  ASSERT_EQ(open(), Status::success);
  asked();
  const auto poll = [&](const Address& device) {
    return inside(call, [&] { return board->serial_poll(device, call); });
  };
  EXPECT_EQ(*poll({5}), 0x50);
  EXPECT_EQ(asked(), (Lines{"mutex 1", "tmo", "rsp 5", "mutex 0"}));
  EXPECT_EQ(*poll({5}), 0x10);
  Call brief(Deadline::after(20ms));
  EXPECT_EQ(inside(brief, [&] { return board->serial_poll({9}, brief); }).status(),
            Status::error_tmo);
  EXPECT_EQ(*poll({5}), 0x10) << "a silent device stops nothing";
}

TEST_F(KernelControlTest, ClearAndTriggerReachTheOneDevice) {
  instrument({6}, "six");
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(inside(call, [&] { return board->clear({5}, call); }), Status::success);
  EXPECT_EQ(inside(call, [&] { return board->trigger({6}, call); }), Status::success);
  EXPECT_EQ(kernel.model().instruments[{5}].clears, 1u);
  EXPECT_EQ(kernel.model().instruments[{6}].triggers, 1u);
  EXPECT_EQ(kernel.model().instruments[{6}].clears, 0u);
}

TEST_F(KernelControlTest, NoListenerIsReportedAsSuch) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write("x", {9}).status, Status::error_nlisteners);
  EXPECT_NE(call.detail.find("is it on"), std::string::npos) << call.detail;
}

TEST_F(KernelControlTest, TheStateIsWhatTheBoardCanRead) {
  change({5}, [](ModelInstrument& one) { one.status = 0x40; });
  ASSERT_EQ(open(), Status::success);
  const auto look = [&] { return *inside(call, [&] { return board->state(call); }); };
  EXPECT_EQ(look().srq, State::asserted);
  EXPECT_EQ(look().atn, State::unasserted);
  EXPECT_EQ(look().controller_in_charge, State::asserted);
  EXPECT_EQ(look().system_controller, State::asserted);
  kernel.model().with([](GpibKernelModel& model) { model.readable_lines = 0; });
  EXPECT_EQ(look().ndac, State::unknown);
  EXPECT_EQ(look().ren, State::unknown);
  EXPECT_EQ(look().srq, State::asserted) << "IBWAIT knows";
  kernel.model().with([](GpibKernelModel& model) { model.unplugged = true; });
  EXPECT_EQ(inside(call, [&] { return board->state(call); }).status(), Status::error_conn_lost);
  kernel.model().with([](GpibKernelModel& model) { model.unplugged = false; });
}

TEST_F(KernelControlTest, AtnFollowsTheModesTheKernelHas) {
  ASSERT_EQ(open(), Status::success);
  const auto atn = [&](AtnMode mode) {
    return inside(call, [&] { return board->control_atn(mode, call); });
  };
  EXPECT_EQ(atn(AtnMode::assert_atn), Status::success);
  EXPECT_TRUE(kernel.model().atn);
  EXPECT_EQ(atn(AtnMode::deassert), Status::success);
  EXPECT_FALSE(kernel.model().atn);
  EXPECT_EQ(atn(AtnMode::assert_immediate), Status::success);
  EXPECT_EQ(atn(AtnMode::deassert_handshake), Status::error_nsup_mode);
}

TEST_F(KernelControlTest, TheOwnAddressMovesForEverybody) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(board->set_own_address({21, std::uint8_t{4}}, call), Status::success);
  EXPECT_EQ(kernel.model().own_primary, 21u);
  EXPECT_EQ(kernel.model().own_secondary, 4);
  EXPECT_EQ(board->own_address(), (Address{21, std::uint8_t{4}}));
}

TEST_F(KernelControlTest, AnOwnAddressThatMovedHalfIsKnown) {
  ASSERT_EQ(open(), Status::success);
  const auto before = board->own_address();
  kernel.model().fail_next(kSecondary, EIO);
  EXPECT_NE(board->set_own_address({21, std::uint8_t{4}}, call), Status::success);
  EXPECT_EQ(kernel.model().own_primary, before.primary);
  EXPECT_EQ(board->own_address(), before);
  kernel.model().fail_next(kSecondary, EIO);
  kernel.model().fail_next(kPrimary, EIO, 1, 0, 1);
  EXPECT_NE(board->set_own_address({21, std::uint8_t{4}}, call), Status::success);
  EXPECT_EQ(kernel.model().own_primary, 21u);
  EXPECT_EQ(board->own_address(), (Address{21, before.secondary}));
}

TEST_F(KernelControlTest, TheBoardHasAStatusByteForAnotherController) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(inside(call, [&] { return board->set_own_status(0x41, call); }),
            Status::error_nsup_attr_state);
  kernel.model().with([](GpibKernelModel& model) { model.in_charge = false; });
  EXPECT_EQ(inside(call, [&] { return board->set_own_status(0x41, call); }), Status::success);
  EXPECT_EQ(board->own_status(), 0x41);
}

TEST_F(KernelControlTest, FindsListenersWithoutWritingToThem) {
  instrument({9, std::uint8_t{30}}, "nine");
  ASSERT_EQ(open(), Status::success);
  const auto found = inside(call, [&] { return board->find_listeners(call); });
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<Address>{{5}, {9, std::uint8_t{30}}}));
  for (const auto& line : asked()) EXPECT_NE(line.rfind("wrt", 0), 0u);
}

TEST_F(KernelControlTest, TheEndIsEndedQuicklyWhileAReadGoesOn) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(read(9, {5}, {}, Deadline::after(5ms)).status, Status::error_tmo);
  close();
  SUCCEED();
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
