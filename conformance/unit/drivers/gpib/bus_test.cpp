// SPDX-License-Identifier: MIT
// Which devices are in use, and the one operation at a time.
#include "drivers/gpib/bus.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "conformance/unit/drivers/support/fake_board.h"

namespace visa::drivers::gpib {
namespace {

class AttachedBoard final : public FakeBoard {
 public:
  std::string attached;
  Status attach_status = Status::success;
  Status attach(const Address& device, Call&) override {
    if (failed(attach_status)) return attach_status;
    attached += "+" + device.text();
    return Status::success;
  }
  void detach(const Address& device, Call&) noexcept override { attached += "-" + device.text(); }
};

class BusTest : public testing::Test {
 protected:
  BusTest() : made_(std::make_unique<AttachedBoard>()), board_(*made_), bus_(std::move(made_)) {}
  std::unique_ptr<AttachedBoard> made_;
  AttachedBoard& board_;
  Bus bus_;
  Call call_{Deadline::after(std::chrono::seconds(5))};
};

TEST_F(BusTest, TellsTheAdapterOfTheFirstAndTheLastUseOfADevice) {
  EXPECT_EQ(bus_.attach({5}, call_), Status::success);
  EXPECT_EQ(bus_.attach({5}, call_), Status::success);
  EXPECT_EQ(bus_.attach({5, 2}, call_), Status::success);
  bus_.detach({5}, call_);
  EXPECT_EQ(board_.attached, "+5+5::2");
  bus_.detach({5}, call_);
  bus_.detach({5, 2}, call_);
  bus_.detach({7}, call_);
  EXPECT_EQ(board_.attached, "+5+5::2-5-5::2");
}

TEST_F(BusTest, ADetachDoesNotWaitForALongTransfer) {
  EXPECT_EQ(bus_.attach({5}, call_), Status::success);
  bus_.access.inside(call_, [&]() -> Status {
    Call goodbye(Deadline::after(std::chrono::milliseconds(1)));
    bus_.detach({5}, goodbye);
    return Status::success;
  });
  EXPECT_EQ(board_.attached, "+5");
  EXPECT_EQ(bus_.attach({5}, call_), Status::success);  // the controller still has it
  bus_.detach({5}, call_);
  EXPECT_EQ(board_.attached, "+5-5");
}

TEST_F(BusTest, ADeviceThatCouldNotBeAttachedIsNotInUse) {
  board_.attach_status = Status::error_rsrc_nfound;
  EXPECT_EQ(bus_.attach({5}, call_), Status::error_rsrc_nfound);
  board_.attach_status = Status::success;
  EXPECT_EQ(bus_.attach({5}, call_), Status::success);
  EXPECT_EQ(board_.attached, "+5");
  bus_.detach({5}, call_);
}

TEST_F(BusTest, AnOperationWaitsForTheOneBeforeWithinItsTime) {
  bus_.access.inside(call_, [&]() -> Status {
    Call second(Deadline::after(std::chrono::milliseconds(5)));
    EXPECT_EQ(bus_.access.inside(second, [] { return Status::success; }), Status::error_tmo);
    EXPECT_NE(second.detail.find("another session"), std::string::npos);
    Call cancelled(Deadline::infinite());
    cancelled.cancel();
    EXPECT_EQ(bus_.access.inside(cancelled, [] { return Status::success; }), Status::error_abort);
    return Status::success;
  });
  EXPECT_EQ(bus_.access.inside(call_, [] { return Status::error_io; }), Status::error_io);
  EXPECT_EQ(board_.begun, board_.ended);
}

}  // namespace
}  // namespace visa::drivers::gpib
