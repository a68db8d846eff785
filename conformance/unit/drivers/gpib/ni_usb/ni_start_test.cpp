// SPDX-License-Identifier: MIT
// Start and end of an adapter.
#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/drivers/support/open_ni.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

class NiStartTest : public NiTest {};

TEST_F(NiStartTest, StartsTheAdapterInOrder) {
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(log(), "X w26 I w1 T1 C3F40 S W1 ");
  EXPECT_TRUE(model_.on);
  EXPECT_TRUE(model_.ren);
  EXPECT_TRUE(model_.in_charge);
  EXPECT_EQ(model_.halts_cleared, 2U);
  EXPECT_EQ(board_->name(), "NI GPIB-USB-HS 01AB23CD at USB port 1-1");
  EXPECT_FALSE(board_->gone());
}

TEST_F(NiStartTest, AnEmptyBusIsNoFailure) {
  model_.devices.clear();
  EXPECT_EQ(open(), Status::success);
}

TEST_F(NiStartTest, AFreshAdapterLosesNoWriteOfTheProgram) {
  model_.loses_first_write = true;
  ASSERT_EQ(open(), Status::success);
  EXPECT_EQ(write(kDmm, "*RST"), Status::success);
  EXPECT_EQ(dmm().messages, std::vector<std::string>{"*RST"});
}

TEST_F(NiStartTest, WaitsUntilTheAdapterIsReady) {
  model_.unready = 7;
  EXPECT_EQ(open(), Status::success);
}

TEST_F(NiStartTest, AnAdapterThatIsNeverReadyIsNotWaitedForWithoutEnd) {
  model_.unready = 1000;
  EXPECT_EQ(open(), Status::error_tmo);
  EXPECT_TRUE(says("not ready"));
}

TEST_F(NiStartTest, APredecessorMayHaveLeftReplies) {
  for (int i = 0; i < 5; ++i) model_.leave_stale(Bytes(12));
  ASSERT_EQ(open(), Status::success);
  EXPECT_TRUE(model_.pipe_is_empty());
}

TEST_F(NiStartTest, AStartThatFailsIsTriedOnceMore) {
  for (unsigned kept = 0; kept < 5; ++kept) {
    model_.kept_replies = kept;
    model_.lost_replies = 1;
    ASSERT_EQ(open(), Status::success) << kept;
    EXPECT_TRUE(call_.detail.empty());
    EXPECT_EQ(write(kDmm, "x"), Status::success);
    board_->close(call_);
    board_.reset();
    usb_ = nullptr;
  }
}

TEST_F(NiStartTest, AnHsPlusIsGreeted) {
  ASSERT_EQ(open(0x7618), Status::success);
  EXPECT_EQ(write(kDmm, "x"), Status::success);
}

TEST_F(NiStartTest, TheAdapterIsLeftSilent) {
  ASSERT_EQ(open(), Status::success);
  const auto* const usb = usb_;
  board_->close(call_);
  EXPECT_FALSE(model_.on);
  EXPECT_FALSE(model_.ren);
  EXPECT_TRUE(usb->closed);
}

TEST_F(NiStartTest, AnUnpluggedAdapterIsClosedWithoutAWord) {
  ASSERT_EQ(open(), Status::success);
  usb_->unplugged = true;
  log();
  board_->close(call_);
  EXPECT_EQ(log(), "");
}

TEST_F(NiStartTest, AFailureNamesTheAdapter) {
  model_.lost_replies = 1000;
  EXPECT_EQ(open(), Status::error_tmo);
  EXPECT_TRUE(says("NI GPIB-USB-HS 01AB23CD"));
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
