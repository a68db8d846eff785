// SPDX-License-Identifier: MIT
#include "drivers/serial/serial_settings.h"

#include <gtest/gtest.h>

namespace visa::test {
namespace {

using drivers::read_serial_settings;

TEST(SerialSettings, EveryKeyIsRead) {
  Call call(Deadline::immediate());
  const auto settings =
      read_serial_settings({{"device", std::string("/dev/ttyUSB0")}, {"keep_lines", true}}, call);
  ASSERT_TRUE(settings) << call.detail;
  EXPECT_EQ(settings->device, "/dev/ttyUSB0");
  EXPECT_TRUE(settings->keep_lines);
  EXPECT_EQ(drivers::SerialSettings::keys().size(), 2u);
}

TEST(SerialSettings, DeviceIsAnAbsolutePathAndTheMistakeNamesItsPlace) {
  Call call(Deadline::immediate());
  spi::Setting relative = std::string("ttyUSB0");
  relative.origin = "f.toml:3";
  EXPECT_EQ(read_serial_settings({{"device", relative}}, call).status(), Status::error_inv_setup);
  EXPECT_NE(call.detail.find("f.toml:3"), std::string::npos);
}

}  // namespace
}  // namespace visa::test
