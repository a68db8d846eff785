// SPDX-License-Identifier: MIT
// Reading a folder that looks like that of sysfs.
#include "drivers/libusb/usb_devices.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "conformance/unit/drivers/support/tmc_model.h"

namespace visa::test {
namespace {

using drivers::usb::usb_devices;

class UsbDevices : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "usb_devices_XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void put(const std::string& port, const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(folder + "/" + port);
    std::ofstream(folder + "/" + port + "/" + file, std::ios::binary) << text;
  }
  void add(const std::string& port, unsigned address, const std::string& serial) const {
    TmcModel model;
    Bytes bytes = model.device_descriptor();
    const Bytes configuration = model.configuration();
    bytes.insert(bytes.end(), configuration.begin(), configuration.end());
    put(port, "descriptors", std::string(bytes.begin(), bytes.end()));
    put(port, "busnum", "1\n");
    put(port, "devnum", std::to_string(address) + "\n");
    put(port, "idVendor", "1209\n");
    put(port, "idProduct", "0001\n");
    put(port, "bConfigurationValue", "1\n");
    if (!serial.empty()) put(port, "serial", serial + "\n");
    put(port, "manufacturer", "Maker\n");
  }

  std::string folder;
};

TEST_F(UsbDevices, ReadsWhatIsThereInTheOrderOfThePorts) {
  add("1-10", 7, "B");
  add("1-2", 6, "A ");
  put("usb1", "descriptors", "a root hub");
  put("1-2:1.0", "descriptors", "an interface");
  const auto devices = usb_devices(folder);
  ASSERT_EQ(devices.size(), 2U);
  EXPECT_EQ(devices[0].port, "1-2");
  EXPECT_EQ(devices[0].serial, "A ");
  EXPECT_EQ(devices[0].manufacturer, "Maker");
  EXPECT_EQ(devices[0].model, "");
  EXPECT_EQ(devices[0].vendor, 0x1209);
  EXPECT_EQ(devices[0].node(), "/dev/bus/usb/001/006");
  ASSERT_EQ(devices[0].interfaces.size(), 1U);
  EXPECT_EQ(devices[1].port, "1-10");
}

TEST_F(UsbDevices, KernelDriverOfAnInterface) {
  add("1-2", 6, "A");
  std::filesystem::create_directories(folder + "/1-2/1-2:1.0");
  std::filesystem::create_symlink("../../../bus/usb/drivers/usbtmc",
                                  folder + "/1-2/1-2:1.0/driver");
  const auto devices = usb_devices(folder);
  EXPECT_EQ(devices.at(0).kernel_driver(0), "usbtmc");
  EXPECT_EQ(devices.at(0).kernel_driver(1), "");
}

TEST_F(UsbDevices, HalfADeviceIsNone) {
  add("1-2", 6, "A");
  add("1-3", 7, "B");
  add("1-4", 8, "C");
  std::filesystem::remove(folder + "/1-2/devnum");
  put("1-3", "descriptors", "short");
  put("1-4", "busnum", "300\n");
  EXPECT_TRUE(usb_devices(folder).empty());
  EXPECT_TRUE(usb_devices(folder + "/nothing").empty());
}

TEST_F(UsbDevices, ManyAreListed) {
  for (unsigned i = 1; i <= 40; ++i) add("1-" + std::to_string(i), i, std::to_string(i));
  EXPECT_EQ(usb_devices(folder).size(), 40U);
}

}  // namespace
}  // namespace visa::test
