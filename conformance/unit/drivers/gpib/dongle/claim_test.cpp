// SPDX-License-Identifier: MIT
// When a driver of the kernel is taken off a dongle.
#include "drivers/gpib/dongle/claim.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "conformance/unit/support/temp_folder.h"
#include "drivers/gpib/dongle/dongle_list.h"

namespace visa::drivers::gpib::dongle {
namespace {

class ClaimTest : public testing::Test {
 protected:
  ClaimTest() {
    auto device = test::plugged(0x3923, 0x709B, "0A", "1-1");
    device.folder = sysfs_.path();
    device.configuration = 1;
    device.bus = 250;  // there is no such bus
    dongle_ = find_dongles({&device, 1}).front();
  }
  void hold_by(const std::string& driver) {
    const std::string interface = sysfs_.path() + "/1-1:1.0";
    std::filesystem::create_directories(interface);
    std::filesystem::create_symlink(sysfs_.path() + "/" + driver, interface + "/driver");
  }

  test::TempFolder sysfs_;
  Dongle dongle_;
  const std::vector<std::uint16_t> online_ = {0, 3};
  Call call_{Deadline::immediate()};
};

TEST_F(ClaimTest, NothingIsDetachedWhereNoDriverHoldsIt) {
  EXPECT_FALSE(*may_detach(dongle_, {}, call_));
  EXPECT_FALSE(*may_detach(dongle_, online_, call_));
}

TEST_F(ClaimTest, ADriverWithoutABoardInUseIsTakenOff) {
  hold_by("ni_usb_gpib");
  EXPECT_TRUE(*may_detach(dongle_, {}, call_));
}

TEST_F(ClaimTest, ABoardInUseIsNeverPushedOff) {
  hold_by("ni_usb_gpib");
  EXPECT_EQ(may_detach(dongle_, online_, call_).status(), Status::error_rsrc_busy);
  EXPECT_NE(call_.detail.find("ni_usb_gpib"), std::string::npos);
  EXPECT_NE(call_.detail.find("/dev/gpib0, /dev/gpib3"), std::string::npos);
}

TEST_F(ClaimTest, AFailureNamesTheAdapter) {
  EXPECT_TRUE(failed(claim(dongle_, call_).status()));
  EXPECT_EQ(call_.detail.rfind("NI GPIB-USB-HS 0A at USB port 1-1: ", 0), 0U) << call_.detail;
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
