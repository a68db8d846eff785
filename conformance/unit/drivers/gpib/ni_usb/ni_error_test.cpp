// SPDX-License-Identifier: MIT
#include "drivers/gpib/ni_usb/ni_error.h"

#include <gtest/gtest.h>

namespace visa::drivers::gpib::ni_usb {
namespace {

Status status_of(Step step, Error error, std::uint16_t state = 0) {
  Call call(Deadline::immediate());
  const Status status = failure(step, {0, state, error, 0}, "adapter", call);
  EXPECT_EQ(call.detail.rfind("adapter: ", 0), 0U);
  return status;
}

TEST(NiErrorTest, EachErrorHasItsStatus) {
  EXPECT_EQ(status_of(Step::read, Error::timeout), Status::error_tmo);
  EXPECT_EQ(status_of(Step::read, Error::stopped), Status::error_tmo);
  EXPECT_EQ(status_of(Step::read, Error::attention), Status::error_io);
  EXPECT_EQ(status_of(Step::read, Error::attention, kCleared), Status::error_io);
  EXPECT_EQ(status_of(Step::read, Error::not_addressed), Status::error_inv_setup);
  EXPECT_EQ(status_of(Step::write, Error::not_addressed), Status::error_inv_setup);
  EXPECT_EQ(status_of(Step::commands, Error::no_device), Status::error_nlisteners);
  EXPECT_EQ(status_of(Step::write, Error::no_listener), Status::error_nlisteners);
  EXPECT_EQ(status_of(Step::write, Error::parameter), Status::error_system_error);
  EXPECT_EQ(status_of(Step::other, static_cast<Error>(99)), Status::error_io);
}

TEST(NiErrorTest, AStopIsWhatItWasFor) {
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(failure(Step::read, {0, 0, Error::stopped, 0}, "adapter", call), Status::error_abort);
  EXPECT_TRUE(call.detail.empty());
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
