// SPDX-License-Identifier: MIT
// One transfer, whose end the test makes up: what libusb is asked is caught at link time, and its
// callback is called with each status that there is.
#include "drivers/libusb/libusb_transfer.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

extern "C" {
int __real_libusb_submit_transfer(libusb_transfer* transfer);
int __real_libusb_cancel_transfer(libusb_transfer* transfer);
int __wrap_libusb_submit_transfer(libusb_transfer* transfer);
int __wrap_libusb_cancel_transfer(libusb_transfer* transfer);
}

namespace visa::test {
namespace {

using namespace drivers::usb;
using namespace std::chrono_literals;

/// What stands for libusb while a test of this file runs.
struct Caught {
  libusb_transfer* running = nullptr;
  int submits = 0;
  int cancels = 0;
  int refuses = 0;  // the error of the next submit

  void end(libusb_transfer_status status, int count = 0) {
    libusb_transfer* const transfer = std::exchange(running, nullptr);
    ASSERT_NE(transfer, nullptr);
    transfer->status = status;
    transfer->actual_length = count;
    transfer->callback(transfer);
  }
};
Caught* caught = nullptr;

class LibusbTransferTest : public testing::Test {
 protected:
  LibusbTransferTest() { caught = &libusb; }
  ~LibusbTransferTest() override { caught = nullptr; }

  Caught libusb;
  TransferState state;
  Call call{Deadline::after(20s)};
  std::array<std::byte, 64> buffer{};
};

constexpr std::uint8_t kBulkIn = 0x81;

TEST_F(LibusbTransferTest, EachEndOfLibusbHasItsOutcome) {
  LibusbTransfer transfer(state, nullptr, kBulkIn);
  for (const auto& [status, outcome] : {std::pair(LIBUSB_TRANSFER_COMPLETED, UsbOutcome::done),
                                        std::pair(LIBUSB_TRANSFER_CANCELLED, UsbOutcome::stopped),
                                        std::pair(LIBUSB_TRANSFER_STALL, UsbOutcome::stalled),
                                        std::pair(LIBUSB_TRANSFER_OVERFLOW, UsbOutcome::overflow),
                                        std::pair(LIBUSB_TRANSFER_ERROR, UsbOutcome::failed),
                                        std::pair(LIBUSB_TRANSFER_TIMED_OUT, UsbOutcome::failed),
                                        std::pair(LIBUSB_TRANSFER_NO_DEVICE, UsbOutcome::gone)}) {
    transfer.start(buffer, false);
    ASSERT_NE(libusb.running, nullptr);
    EXPECT_EQ(libusb.running->type, LIBUSB_TRANSFER_TYPE_BULK);
    EXPECT_EQ(libusb.running->length, 64);
    EXPECT_EQ(libusb.running->timeout, 0U);  // the thread that waits has the deadline
    libusb.end(status, 7);
    const UsbEnd end = transfer.wait(call, call.deadline);
    EXPECT_EQ(end.outcome, outcome);
    EXPECT_EQ(end.count, 7U);
  }
  EXPECT_TRUE(state.gone.load());
  // Nothing is handed in for a device that is gone.
  const int before = libusb.submits;
  transfer.start(buffer, false);
  EXPECT_EQ(transfer.wait(call, call.deadline).outcome, UsbOutcome::gone);
  EXPECT_EQ(libusb.submits, before);
}

TEST_F(LibusbTransferTest, AllEndWithTheDeviceAndNoneStartsAfterIt) {
  LibusbTransfer idle(state, nullptr, kBulkIn);
  LibusbTransfer transfer(state, nullptr, kBulkIn);
  transfer.start(buffer, false);
  end_transfers(state);
  EXPECT_EQ(libusb.cancels, 1);
  EXPECT_EQ(transfer.wait(call, call.deadline).outcome, UsbOutcome::stopped);
  idle.start(buffer, false);
  EXPECT_EQ(libusb.submits, 1);
  EXPECT_EQ(idle.wait(call, call.deadline).outcome, UsbOutcome::stopped);
}

TEST_F(LibusbTransferTest, ARefusedSubmitIsTheEnd) {
  LibusbTransfer transfer(state, nullptr, 0);
  for (const auto& [error, outcome] : {std::pair(LIBUSB_ERROR_NO_MEM, UsbOutcome::no_memory),
                                       std::pair(LIBUSB_ERROR_IO, UsbOutcome::failed),
                                       std::pair(LIBUSB_ERROR_NO_DEVICE, UsbOutcome::gone)}) {
    libusb.refuses = error;
    transfer.start(buffer, true);
    EXPECT_EQ(transfer.wait(call, call.deadline).outcome, outcome);
  }
}

TEST_F(LibusbTransferTest, WaitsEndWithoutTheTransfer) {
  LibusbTransfer transfer(state, nullptr, kBulkIn);
  transfer.start(buffer, false);
  EXPECT_EQ(transfer.wait(call, Deadline::immediate()).outcome, UsbOutcome::timed_out);
  Call cancelled(Deadline::after(20s));
  cancelled.cancel();
  EXPECT_EQ(transfer.wait(cancelled, call.deadline).outcome, UsbOutcome::cancelled);
  EXPECT_NE(libusb.running, nullptr);
  const UsbEnd end = transfer.stop();  // the cancel is answered at once
  EXPECT_EQ(end.outcome, UsbOutcome::stopped);
  EXPECT_EQ(libusb.cancels, 1);
  EXPECT_EQ(transfer.stop().outcome, UsbOutcome::stopped);
  EXPECT_EQ(libusb.cancels, 1);
}

TEST_F(LibusbTransferTest, WhatRunsIsStoppedBeforeANewStartAndAtTheEnd) {
  {
    LibusbTransfer transfer(state, nullptr, kBulkIn);
    transfer.start(buffer, false);
    transfer.start(buffer, false);
    EXPECT_EQ(libusb.cancels, 1);
  }
  EXPECT_EQ(libusb.cancels, 2);
  EXPECT_EQ(libusb.running, nullptr);
}

TEST_F(LibusbTransferTest, AFailureOfWhatComesBeforeEndsTheWait) {
  LibusbTransfer before(state, nullptr, 0x02);
  LibusbTransfer transfer(state, nullptr, kBulkIn);
  before.start(buffer, true);
  libusb.end(LIBUSB_TRANSFER_STALL, 3);
  transfer.start(buffer, false);
  const UsbEnd end = transfer.wait(call, call.deadline, &before);
  EXPECT_EQ(end.outcome, UsbOutcome::stalled);
  EXPECT_EQ(end.count, 0U);
  EXPECT_NE(libusb.running, nullptr);  // it runs on
}

class Listener final : public UsbListener {
 public:
  void interrupt(UsbOutcome outcome, std::span<const std::byte> packet) override {
    ends.push_back(outcome);
    bytes += packet.size();
  }
  std::vector<UsbOutcome> ends;
  std::size_t bytes = 0;
};

TEST_F(LibusbTransferTest, PacketsAreReadOnUntilTheReaderGoes) {
  Listener listener;
  {
    InterruptReader reader(state, nullptr, 0x83, 2, listener);
    EXPECT_EQ(reader.start(), UsbOutcome::done);
    libusb.end(LIBUSB_TRANSFER_COMPLETED, 2);
    libusb.end(LIBUSB_TRANSFER_COMPLETED, 1);
    EXPECT_NE(libusb.running, nullptr);
  }
  EXPECT_EQ(libusb.cancels, 1);
  EXPECT_EQ(listener.bytes, 3U);
  EXPECT_EQ(listener.ends.back(), UsbOutcome::stopped);
  EXPECT_EQ(listener.ends.size(), 3U);
}

// A device that sends a packet too large now and then is read on; one that does nothing else is
// not.
TEST_F(LibusbTransferTest, AnEndpointThatFailsAgainAndAgainIsLeft) {
  Listener listener;
  InterruptReader reader(state, nullptr, 0x83, 2, listener);
  EXPECT_EQ(reader.start(), UsbOutcome::done);
  for (int good = 0; good < 3; ++good) {
    for (int i = 0; i < 7; ++i) libusb.end(LIBUSB_TRANSFER_OVERFLOW);
    libusb.end(LIBUSB_TRANSFER_COMPLETED, 2);
  }
  EXPECT_EQ(listener.ends.size(), 3U);
  for (int i = 0; i < 8; ++i) libusb.end(LIBUSB_TRANSFER_ERROR);
  EXPECT_EQ(libusb.running, nullptr);
  EXPECT_EQ(listener.ends.back(), UsbOutcome::failed);
}

TEST_F(LibusbTransferTest, AStallAndALostDeviceEndTheReading) {
  Listener listener;
  InterruptReader reader(state, nullptr, 0x83, 2, listener);
  EXPECT_EQ(reader.start(), UsbOutcome::done);
  libusb.end(LIBUSB_TRANSFER_STALL);
  EXPECT_EQ(listener.ends, std::vector{UsbOutcome::stalled});
  EXPECT_EQ(reader.start(), UsbOutcome::done);
  libusb.end(LIBUSB_TRANSFER_NO_DEVICE);
  EXPECT_EQ(listener.ends.back(), UsbOutcome::gone);
  EXPECT_TRUE(state.gone.load());
  libusb.refuses = LIBUSB_ERROR_NO_DEVICE;
  EXPECT_EQ(reader.start(), UsbOutcome::gone);
}

}  // namespace
}  // namespace visa::test

// Other tests of this program use libusb itself.
int __wrap_libusb_submit_transfer(libusb_transfer* transfer) {
  if (visa::test::caught == nullptr) return __real_libusb_submit_transfer(transfer);
  ++visa::test::caught->submits;
  const int error = std::exchange(visa::test::caught->refuses, 0);
  if (error == 0) visa::test::caught->running = transfer;
  return error;
}

int __wrap_libusb_cancel_transfer(libusb_transfer* transfer) {
  if (visa::test::caught == nullptr) return __real_libusb_cancel_transfer(transfer);
  ++visa::test::caught->cancels;
  visa::test::caught->running = transfer;
  visa::test::caught->end(LIBUSB_TRANSFER_CANCELLED);
  return 0;
}
