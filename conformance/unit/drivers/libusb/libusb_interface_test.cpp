// SPDX-License-Identifier: MIT
// Transfers over real libusb: their ends, what a stop says of them, and the thread of their events.
#include "drivers/libusb/libusb_interface.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "conformance/unit/drivers/support/mock_usb.h"
#include "drivers/libusb/usb_devices.h"

namespace visa::test {
namespace {

using namespace drivers::usb;
using namespace std::chrono_literals;

class LibusbInterfaceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* const why = MockUsb::missing()) GTEST_SKIP() << why;
    mock = std::make_unique<MockUsb>();
    mock->plug();
    const auto devices = usb_devices();
    ASSERT_EQ(devices.size(), 1U);
    Call call(Deadline::after(10s));
    auto opened = LibusbInterface::open(devices[0], 0, true, call);
    ASSERT_TRUE(opened) << call.detail;
    usb = *std::move(opened);
  }

  /// REQUEST_DEV_DEP_MSG_IN of 100 bytes, tag 1 (USBTMC 1.0, table 4).
  using Request = std::array<std::byte, 12>;
  static constexpr Request kRequest = {
      std::byte{2}, std::byte{1}, std::byte{0xFE}, {}, std::byte{100}};

  UsbEnd send(const Request& request) {
    Request copy = request;
    const auto transfer = usb->transfer(TmcModel::kOut);
    transfer->start(copy, false);
    return transfer->wait(call_, Deadline::after(5s));
  }

  std::unique_ptr<MockUsb> mock;
  std::unique_ptr<UsbInterface> usb;
  Call call_{Deadline::after(20s)};
};

TEST_F(LibusbInterfaceTest, StopSaysWhatCame) {
  mock->with([](TmcModel& model) {
    model.cut = 20;
    model.say("FreeVISA,model,SN1,1\n");
  });
  std::byte buffer[512] = {};
  const auto in = usb->transfer(TmcModel::kIn);
  in->start(buffer, false);
  EXPECT_EQ(send(kRequest).outcome, UsbOutcome::done);
  EXPECT_EQ(in->wait(call_, Deadline::after(50ms)).outcome, UsbOutcome::timed_out);
  const UsbEnd end = in->stop();
  EXPECT_EQ(end.outcome, UsbOutcome::stopped);
  EXPECT_EQ(end.count, 20U);
  EXPECT_EQ(std::memcmp(buffer + 12, "FreeVISA", 8), 0);
  EXPECT_EQ(in->stop().count, 20U);
}

TEST_F(LibusbInterfaceTest, CancelEndsTheWaitWithinTime) {
  std::byte buffer[512];
  const auto in = usb->transfer(TmcModel::kIn);
  in->start(buffer, false);
  Call call(Deadline::after(20s));
  std::thread canceller([&] {
    std::this_thread::sleep_for(50ms);
    call.cancel();
    usb->wake();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(in->wait(call, call.deadline).outcome, UsbOutcome::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  canceller.join();
}

TEST_F(LibusbInterfaceTest, FailureOfWhatComesBeforeEndsTheWait) {
  mock->with([](TmcModel& model) { model.stall_out = 1; });
  std::byte buffer[512];
  Request request = kRequest;
  const auto out = usb->transfer(TmcModel::kOut);
  const auto in = usb->transfer(TmcModel::kIn);
  out->start(request, true);
  in->start(buffer, false);
  EXPECT_EQ(in->wait(call_, Deadline::after(10s), out.get()).outcome, UsbOutcome::stalled);
  EXPECT_EQ(usb->clear_halt(TmcModel::kOut, call_, call_.deadline), UsbOutcome::done);
  EXPECT_EQ(mock->reset(), std::vector<int>{TmcModel::kOut});
  EXPECT_EQ(send(request).outcome, UsbOutcome::done);
}

// An adapter that hangs answers no request; libusb's own function would wait for five seconds.
TEST_F(LibusbInterfaceTest, AHaltIsWaitedForUntilTheDeadlineAndNoLonger) {
  mock->with([](TmcModel& model) { model.halts_stay = true; });
  EXPECT_EQ(usb->clear_halt(TmcModel::kIn, call_, Deadline::after(20ms)), UsbOutcome::timed_out);
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  EXPECT_EQ(usb->clear_halt(TmcModel::kIn, cancelled, cancelled.deadline), UsbOutcome::cancelled);
  EXPECT_TRUE(mock->reset().empty()) << "the two sides would differ";
  mock->with([](TmcModel& model) { model.halts_stay = false; });
  EXPECT_EQ(usb->clear_halt(TmcModel::kIn, call_, call_.deadline), UsbOutcome::done);
  EXPECT_EQ(mock->reset(), std::vector<int>{TmcModel::kIn});
  mock->unplug();
  EXPECT_EQ(usb->clear_halt(TmcModel::kIn, call_, call_.deadline), UsbOutcome::gone);
}

TEST_F(LibusbInterfaceTest, ControlTransfersBothWaysAndRefused) {
  std::byte data[3] = {std::byte{1}, std::byte{2}, std::byte{3}};
  EXPECT_EQ(usb->control({0x40, 1, 0, 0}, data, call_, call_.deadline).count, 3U);
  std::byte back[10] = {};
  const UsbEnd end = usb->control({0xC0, 1, 0, 0}, back, call_, call_.deadline);
  EXPECT_EQ(end.outcome, UsbOutcome::done);
  EXPECT_EQ(end.count, 3U);
  EXPECT_EQ(back[2], std::byte{3});
  EXPECT_EQ(usb->control({0xA1, 99, 0, 0}, back, call_, call_.deadline).outcome,
            UsbOutcome::stalled);
}

TEST_F(LibusbInterfaceTest, UnpluggedIsNoticedByAWaitingTransferAndByTheNext) {
  std::byte buffer[512];
  const auto in = usb->transfer(TmcModel::kIn);
  in->start(buffer, false);
  mock->unplug();
  EXPECT_EQ(in->wait(call_, call_.deadline).outcome, UsbOutcome::gone);
  EXPECT_TRUE(usb->gone());
  in->start(buffer, false);
  EXPECT_EQ(in->wait(call_, call_.deadline).outcome, UsbOutcome::gone);
  usb->close();
}

// A driver that was owed a reply leaves its transfer running: after the thread of the events has
// ended, nothing would end it, and its destructor would wait for ever.
TEST_F(LibusbInterfaceTest, CloseEndsWhatIsRunning) {
  std::byte buffer[512];
  auto in = usb->transfer(TmcModel::kIn);
  in->start(buffer, false);
  usb->close();
  EXPECT_EQ(in->wait(call_, call_.deadline).outcome, UsbOutcome::stopped);
  in->start(buffer, false);
  EXPECT_EQ(in->wait(call_, call_.deadline).outcome, UsbOutcome::stopped);
  in.reset();
}

TEST_F(LibusbInterfaceTest, CloseGivesTheInterfaceBack) {
  EXPECT_EQ(mock->claims(), 1);
  usb->close();
  EXPECT_EQ(mock->claims(), 0);
  usb->close();  // once more does nothing
}

}  // namespace
}  // namespace visa::test
