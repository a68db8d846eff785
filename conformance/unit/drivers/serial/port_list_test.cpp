// SPDX-License-Identifier: MIT
// Listing from a tree of files as sysfs has them.
#include "drivers/serial/port_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "conformance/unit/support/temp_folder.h"

namespace visa::drivers::serial {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class PortList : public testing::Test {
 protected:
  void file(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(folder_.file(path)).parent_path());
    std::ofstream(folder_.file(path)) << text << "\n";
  }
  void link(const std::string& path, const std::string& target) {
    fs::create_directories(fs::path(folder_.file(path)).parent_path());
    fs::create_symlink(target, folder_.file(path));
  }
  /// A tty whose hardware is at `device`; its node is one that every machine has.
  void tty(const std::string& name, const std::string& device, const std::string& node) {
    fs::create_directories(folder_.file(device));
    link("sys/class/tty/" + name + "/device", folder_.file(device));
    link("dev/" + name, node);
  }
  std::vector<PortDescription> list() {
    const Call call(Deadline::after(std::chrono::seconds(20)));
    auto ports = list_ports(call, folder_.path());
    std::sort(ports.begin(), ports.end(),
              [](const auto& a, const auto& b) { return a.node < b.node; });
    return ports;
  }
  std::vector<std::string> nodes() {
    std::vector<std::string> found;
    for (const auto& port : list()) found.push_back(port.node);
    return found;
  }
  const test::TempFolder folder_;
};

TEST_F(PortList, ConvertersAreDescribedByTheirUsbDevice) {
  const std::string device = "sys/devices/usb1/1-4";
  file(device + "/idVendor", "0403");
  file(device + "/idProduct", "6001");
  file(device + "/manufacturer", "FTDI");
  file(device + "/product", "Toy \xC3\xA9 serial");
  file(device + "/serial", "S7");
  tty("ttyUSB7", device + "/1-4:1.0/ttyUSB7", "/dev/null");
  link("dev/serial/by-id/usb-FTDI_Toy_S7-if00-port0", "../../ttyUSB7");
  const auto ports = list();
  ASSERT_EQ(ports.size(), 1u);
  EXPECT_EQ(ports[0].node, "/dev/ttyUSB7");
  EXPECT_EQ(ports[0].by_id, "/dev/serial/by-id/usb-FTDI_Toy_S7-if00-port0");
  EXPECT_EQ(ports[0].usb_ids, "0403:6001");
  EXPECT_EQ(ports[0].manufacturer, "FTDI");
  EXPECT_EQ(ports[0].product, "Toy ?? serial") << "text from devices is made printable";
  EXPECT_EQ(ports[0].serial_number, "S7");
  EXPECT_EQ(text_of(ports[0]), "Toy ?? serial (/dev/ttyUSB7, USB 0403:6001)");
}

// User pain 39: list only real ports. Linux makes 4 to 48 nodes for UARTs that are not there.
TEST_F(PortList, NodesWithoutHardwareAreLeftOut) {
  tty("ttyS0", "sys/devices/pnp0/00:01", "/dev/null");
  file("sys/class/tty/ttyS0/type", "4");
  tty("ttyS1", "sys/devices/platform/serial8250", "/dev/zero");
  file("sys/class/tty/ttyS1/type", "0");
  fs::create_directories(folder_.file("sys/class/tty/tty1"));
  link("dev/tty1", "/dev/full");
  tty("ttyUSB0", "sys/devices/usb1/1-1/1-1:1.0", "/dev/nowhere");
  EXPECT_THAT(nodes(), ElementsAre("/dev/ttyS0"));
  EXPECT_EQ(text_of(list()[0]), "Serial port (/dev/ttyS0)");
}

TEST_F(PortList, NothingThereIsAnEmptyList) {
  EXPECT_TRUE(list().empty());
}

TEST_F(PortList, StopsWhenItIsCancelled) {
  tty("ttyS0", "sys/devices/pnp0/00:01", "/dev/null");
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_TRUE(list_ports(call, folder_.path()).empty());
}

TEST_F(PortList, PortThatSysfsDoesNotKnowHasItsNodeAlone) {
  link("link", "/dev/null");
  EXPECT_EQ(describe_port(folder_.file("link")).node, "/dev/null");
  EXPECT_EQ(describe_port("/dev/ttyNone").node, "/dev/ttyNone");
}

}  // namespace
}  // namespace visa::drivers::serial
