// SPDX-License-Identifier: MIT
// Which devices are dongles, and which driver of the kernel holds one.
#include "drivers/gpib/dongle/dongle.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::drivers::gpib::dongle {
namespace {

constexpr Model kModels[] = {
    {0x1234, 0x0001, std::uint8_t{0xFF}, Stage::ready, 0, 0x01, 0x82, 0x83, "by class"},
    {0x1234, 0x0002, {}, Stage::boot, 0, 0, 0, 0, "by id"},
};
constexpr Family kFamily{"test", kModels, {}, nullptr};

TEST(DongleTest, IsKnownByItsIdAndWhereWantedByItsClass) {
  auto device = test::plugged(0x1234, 0x0001, "A", "1-1");
  ASSERT_TRUE(dongle_of(kFamily, device).has_value());
  EXPECT_EQ(dongle_of(kFamily, device)->name(), "by class A at USB port 1-1");
  device.interfaces[0].interface_class = 0xFE;
  EXPECT_FALSE(dongle_of(kFamily, device).has_value());
  device.product = 0x0002;
  EXPECT_EQ(dongle_of(kFamily, device)->model->stage, Stage::boot);
  device.vendor = 0x1235;
  EXPECT_FALSE(dongle_of(kFamily, device).has_value());
  EXPECT_FALSE(dongle_at(kFamily, "no port").has_value());
}

TEST(DongleTest, AProgramThatHoldsItIsNoKernelDriver) {
  test::TempFolder sysfs;
  auto device = test::plugged(0x1234, 0x0002, "A", "1-1");
  device.folder = sysfs.path();
  device.configuration = 1;
  const auto dongle = *dongle_of(kFamily, device);
  EXPECT_EQ(dongle.kernel_driver(), "");
  const std::string driver = sysfs.path() + "/1-1:1.0/driver";
  std::filesystem::create_directories(sysfs.path() + "/1-1:1.0");
  std::filesystem::create_symlink(sysfs.path() + "/ni_usb_gpib", driver);
  EXPECT_EQ(dongle.kernel_driver(), "ni_usb_gpib");
  std::filesystem::remove(driver);
  std::filesystem::create_symlink(sysfs.path() + "/usbfs", driver);
  EXPECT_EQ(dongle.kernel_driver(), "");
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
