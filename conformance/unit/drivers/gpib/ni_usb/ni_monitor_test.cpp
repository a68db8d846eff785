// SPDX-License-Identifier: MIT
// Which reports are service requests, and when the adapter has to be armed.
#include "drivers/gpib/ni_usb/ni_monitor.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

namespace visa::drivers::gpib::ni_usb {
namespace {

class NiMonitorTest : public testing::Test {
 protected:
  void report(unsigned state, std::size_t size = 16) {
    std::array<std::byte, 16> packet{};
    packet[1] = static_cast<std::byte>(state >> 8U);
    packet[2] = static_cast<std::byte>(state & 0xFFU);
    monitor_.interrupt(usb::UsbOutcome::done, std::span(packet).first(size));
  }
  Status look() { return monitor_.wait(Call(Deadline::immediate())); }
  NiMonitor monitor_;
};

TEST_F(NiMonitorTest, ARequestIsReportedOnceAndThenDueAgain) {
  EXPECT_FALSE(monitor_.due());
  monitor_.want();
  EXPECT_TRUE(monitor_.due());
  monitor_.set_armed(true);
  EXPECT_FALSE(monitor_.due());
  EXPECT_EQ(look(), Status::error_tmo);
  report(0x1020);
  EXPECT_FALSE(monitor_.due());  // it has not been waited for
  EXPECT_EQ(look(), Status::success);
  EXPECT_EQ(look(), Status::error_tmo);
  EXPECT_TRUE(monitor_.due());
}

TEST_F(NiMonitorTest, AfterARestartReportsCountAgain) {
  monitor_.want();
  report(0x1020);
  monitor_.interrupt(usb::UsbOutcome::stopped, {});  // what a second listening does to the first
  monitor_.restart();
  EXPECT_EQ(look(), Status::error_tmo);
  EXPECT_TRUE(monitor_.due());
  report(0x1020);
  EXPECT_EQ(look(), Status::success);
}

TEST_F(NiMonitorTest, OtherReportsAreNone) {
  monitor_.want();
  monitor_.set_armed(true);
  report(0xFF00);  // acknowledges the arming
  report(0x0020);
  report(0x1000, 7);
  EXPECT_EQ(look(), Status::error_tmo);
  EXPECT_FALSE(monitor_.due());
}

TEST_F(NiMonitorTest, TheEndOfReportsEndsTheWait) {
  monitor_.want();
  monitor_.interrupt(usb::UsbOutcome::gone, {});
  EXPECT_EQ(look(), Status::error_io);
  EXPECT_FALSE(monitor_.due());
  EXPECT_TRUE(monitor_.given_up());
}

TEST_F(NiMonitorTest, IsRestartedAFewTimesOnlyUnlessAReportComes) {
  monitor_.want();
  for (int round = 0; round < 2; ++round) {
    for (unsigned i = 0; i < NiMonitor::kMostTries; ++i) {
      monitor_.interrupt(usb::UsbOutcome::stalled, {});
      EXPECT_TRUE(monitor_.ended());
      EXPECT_TRUE(monitor_.due());
      EXPECT_FALSE(monitor_.given_up());
      monitor_.retry();
    }
    monitor_.interrupt(usb::UsbOutcome::stalled, {});
    EXPECT_FALSE(monitor_.due());
    EXPECT_TRUE(monitor_.given_up());
    report(0xFF00);  // as if the last one had brought it
  }
}

TEST_F(NiMonitorTest, AWaitIsWokenByAReportAndByACancel) {
  Call call(Deadline::infinite());
  std::thread thread([&] { report(0x1000); });
  EXPECT_EQ(monitor_.wait(call), Status::success);
  thread.join();
  std::thread other([&] {
    call.cancel();
    monitor_.wake();
  });
  EXPECT_EQ(monitor_.wait(call), Status::error_abort);
  other.join();
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
