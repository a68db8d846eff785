// SPDX-License-Identifier: MIT
#include "drivers/libusb/usb_error.h"

#include <gtest/gtest.h>

namespace visa::test {
namespace {

using drivers::usb::fail;
using drivers::usb::UsbOutcome;

TEST(UsbError, EveryOutcomeHasAStatusAndAReason) {
  const std::pair<UsbOutcome, Status> expected[] = {
      {UsbOutcome::timed_out, Status::error_tmo}, {UsbOutcome::stalled, Status::error_io},
      {UsbOutcome::overflow, Status::error_io},   {UsbOutcome::gone, Status::error_conn_lost},
      {UsbOutcome::failed, Status::error_io},     {UsbOutcome::no_memory, Status::error_alloc},
  };
  for (const auto& [outcome, status] : expected) {
    Call call(Deadline::infinite());
    EXPECT_EQ(fail(outcome, "USB0", "reading", call), status);
    EXPECT_TRUE(call.detail.starts_with("USB0, reading: ")) << call.detail;
  }
  Call call(Deadline::infinite());
  EXPECT_EQ(fail(UsbOutcome::cancelled, "USB0", "reading", call), Status::error_abort);
  EXPECT_TRUE(call.detail.empty());
}

}  // namespace
}  // namespace visa::test
