// SPDX-License-Identifier: MIT
// From a tree of files as sysfs has them.
#include "tools/freevisa/serial_description.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "conformance/unit/support/temp_folder.h"

namespace visa::tool {
namespace {

namespace fs = std::filesystem;

TEST(SerialDescription, SaysWhatTheUsbDeviceSaysOfItself) {
  const test::TempFolder folder;
  const std::string device = "sys/devices/usb1/1-4";
  for (const char* const path : {"/1-4:1.0/ttyUSB7", "/1-4:1.0"}) {
    fs::create_directories(folder.file(device + path));
  }
  folder.make(device + "/idVendor", "0403\n");
  folder.make(device + "/idProduct", "6001\n");
  folder.make(device + "/manufacturer", "FTDI\n");
  folder.make(device + "/product", "Toy \xC3\xA9\n");
  fs::create_directories(folder.file("sys/class/tty/ttyUSB7"));
  fs::create_symlink("../../../devices/usb1/1-4/1-4:1.0/ttyUSB7",
                     folder.file("sys/class/tty/ttyUSB7/device"));
  fs::create_directories(folder.file("sys/class/tty/ttyS0/device"));
  fs::create_directories(folder.file("dev/serial/by-id"));
  folder.make("dev/ttyUSB7", "");
  folder.make("dev/ttyS0", "");
  fs::create_symlink("../../ttyUSB7", folder.file("dev/serial/by-id/usb-FTDI-if00"));

  const std::string& root = folder.path();
  EXPECT_EQ(serial_description("ASRL/dev/ttyUSB7::INSTR", root), "0403:6001 FTDI Toy ??");
  EXPECT_EQ(serial_description("ASRL/dev/serial/by-id/usb-FTDI-if00::INSTR", root),
            "0403:6001 FTDI Toy ??");
  EXPECT_EQ(serial_description("ASRL1::INSTR", root), "") << "no USB device";
  EXPECT_EQ(serial_description("ASRL9::INSTR", root), "") << "no such port";
  EXPECT_EQ(serial_description("TCPIP0::h::5025::SOCKET", root), "");
  EXPECT_EQ(serial_description("ASRL::INSTR", root), "");
}

}  // namespace
}  // namespace visa::tool
