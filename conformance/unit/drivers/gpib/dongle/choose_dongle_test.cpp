// SPDX-License-Identifier: MIT
// Which dongle a board means, and what the user reads where there is none.
#include "drivers/gpib/dongle/choose_dongle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/drivers/support/plugged_dongles.h"
#include "drivers/gpib/dongle/dongle_list.h"

namespace visa::drivers::gpib::dongle {
namespace {

using test::plugged;

class ChooseDongleTest : public testing::Test {
 protected:
  Result<Dongle> choose(std::uint16_t number) {
    settings_.clear();
    return choose_dongle(dongles_, {number, "", settings_, nullptr, &configured_}, {}, call_);
  }
  Result<Dongle> choose_named(const std::string& target) {
    settings_[std::string(kAdapter)] = "usb://" + target;
    return choose_dongle(dongles_, {4, target, settings_}, {}, call_);
  }
  bool says(const std::string& text) { return call_.detail.find(text) != std::string::npos; }

  std::vector<Dongle> dongles_ = find_dongles(
      std::vector{plugged(0x3923, 0x709B, "0A", "1-1"), plugged(0x3923, 0x709B, "0B", "1-2")});
  spi::Settings settings_;
  spi::BoardSettings configured_;
  Call call_{Deadline::immediate()};
};

TEST_F(ChooseDongleTest, WithoutASettingTheNumberDecides) {
  EXPECT_EQ(choose(1)->device.serial, "0B");
  configured_[0][std::string(kAdapter)] = std::string("usb://0B");
  EXPECT_EQ(choose(1)->device.serial, "0A");
  EXPECT_EQ(choose(2).status(), Status::error_rsrc_nfound);
  EXPECT_TRUE(says("GPIB2"));
}

TEST_F(ChooseDongleTest, TheSettingNamesSerialNumberOrPort) {
  EXPECT_EQ(choose_named("0A")->device.port, "1-1");
  EXPECT_EQ(choose_named("1-2")->device.serial, "0B");
  EXPECT_EQ(choose_named("0a").status(), Status::error_rsrc_nfound);
  EXPECT_TRUE(says("0a"));
  EXPECT_TRUE(says("plugged in: NI GPIB-USB-HS 0A at USB port 1-1, NI GPIB-USB-HS 0B"));
}

TEST_F(ChooseDongleTest, TheOnlyOneNeedsNoName) {
  EXPECT_EQ(choose_named("").status(), Status::error_rsrc_nfound);
  EXPECT_TRUE(says("write usb://SERIAL"));
  dongles_.pop_back();
  EXPECT_EQ(choose_named("")->device.serial, "0A");
  dongles_.clear();
  EXPECT_EQ(choose_named("").status(), Status::error_rsrc_nfound);
  EXPECT_TRUE(says("no GPIB adapter"));
}

}  // namespace
}  // namespace visa::drivers::gpib::dongle
