// SPDX-License-Identifier: MIT
// Which dongles there are, in which order, and which board numbers they get.
#include "drivers/gpib/dongle/dongle_list.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::drivers::gpib::dongle {
namespace {

using test::plugged;

class DongleListTest : public testing::Test {
 protected:
  /// "0=A 1=B": the numbers and the serial numbers.
  std::string numbers(const std::vector<Dongle>& dongles,
                      const std::vector<std::uint16_t>& kernel_boards = {}) {
    std::string text;
    for (const auto& one : number_dongles(dongles, configured_, kernel_boards)) {
      text.append(text.empty() ? "" : " ");
      text += std::to_string(one.number) + "=" + one.dongle.device.serial;
    }
    return text;
  }
  void configure(std::uint16_t number, const std::string& adapter) {
    configured_[number][std::string(kAdapter)] = adapter;
  }

  const std::vector<usb::UsbDeviceInfo> devices_ = {
      plugged(0x3923, 0x7618, "0B", "1-3"), plugged(0x1234, 0x0001, "00", "1-4"),
      plugged(0x3923, 0x709B, "0C", "1-5"), plugged(0x3923, 0x709B, "0A", "2-1")};
  const std::vector<Dongle> dongles_ = find_dongles(devices_);
  spi::BoardSettings configured_;
};

TEST_F(DongleListTest, KnowsTheDonglesAndOrdersThemBySerialNumber) {
  ASSERT_EQ(dongles_.size(), 3U);
  EXPECT_EQ(dongles_[0].name(), "NI GPIB-USB-HS 0A at USB port 2-1");
  EXPECT_EQ(dongles_[1].name(), "NI GPIB-USB-HS+ 0B at USB port 1-3");
  EXPECT_EQ(dongles_[2].name(), "NI GPIB-USB-HS 0C at USB port 1-5");
  EXPECT_EQ(dongles_[1].model->bulk_out, 0x01);
  EXPECT_EQ(dongles_[2].model->interrupt_in, 0x81);
}

TEST_F(DongleListTest, ADongleWithoutSerialNumberComesLast) {
  const std::vector<usb::UsbDeviceInfo> devices = {plugged(0x3923, 0x709B, "", "1-1"),
                                                   plugged(0x3923, 0x709B, "0A", "1-2")};
  const auto dongles = find_dongles(devices);
  ASSERT_EQ(dongles.size(), 2U);
  EXPECT_EQ(dongles[0].device.serial, "0A");
  EXPECT_EQ(dongles[1].name(), "NI GPIB-USB-HS at USB port 1-1");
}

TEST_F(DongleListTest, GivesTheLowestNumbersThatAreFree) {
  EXPECT_EQ(numbers(dongles_), "0=0A 1=0B 2=0C");
  EXPECT_EQ(numbers(dongles_, {0, 2}), "1=0A 3=0B 4=0C");
  configure(1, "prologix://host");
  configured_[4]["baud"] = std::int64_t{1};  // no adapter: the number is free
  EXPECT_EQ(numbers(dongles_, {0}), "2=0A 3=0B 4=0C");
}

TEST_F(DongleListTest, ADongleOfTheConfigurationHasItsNumberFromThere) {
  configure(7, "usb://0B");
  EXPECT_EQ(numbers(dongles_), "0=0A 1=0C");
  configure(0, "usb://1-5");
  EXPECT_EQ(numbers(dongles_), "1=0A");
}

TEST_F(DongleListTest, TheOnlyDongleMayBeMeantWithoutAName) {
  configure(3, "usb://");
  EXPECT_EQ(numbers(dongles_), "0=0A 1=0B 2=0C");  // it means none of several
  EXPECT_EQ(numbers({dongles_[0]}), "");
}

TEST_F(DongleListTest, ADongleOfAKernelBoardGetsNoNumber) {
  test::TempFolder sysfs;
  auto held = dongles_;
  held[0].device.folder = sysfs.path();
  held[0].device.configuration = 1;
  const std::string interface = sysfs.path() + "/2-1:1.0";
  std::filesystem::create_directories(interface);
  std::filesystem::create_directories(sysfs.path() + "/ni_usb_gpib");
  std::filesystem::create_symlink(sysfs.path() + "/ni_usb_gpib", interface + "/driver");
  EXPECT_EQ(numbers(held, {0}), "1=0B 2=0C");
  EXPECT_EQ(numbers(held), "0=0A 1=0B 2=0C");  // no board is online: the driver does nothing
}

TEST_F(DongleListTest, IsNamedBySerialNumberOrPort) {
  EXPECT_TRUE(is_named(dongles_[0], "0A"));
  EXPECT_TRUE(is_named(dongles_[0], "2-1"));
  EXPECT_FALSE(is_named(dongles_[0], ""));
  EXPECT_FALSE(is_named(dongles_[0], "0"));
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
