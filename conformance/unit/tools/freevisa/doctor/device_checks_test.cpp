// SPDX-License-Identifier: MIT
// A system in a folder: USB instruments, drivers, processes and ports as the kernel shows them.
#include "tools/freevisa/doctor/device_checks.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace visa::tool {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Level = Finding::Level;

class DeviceChecksTest : public ::testing::Test {
 protected:
  void SetUp() override {
    system.root = ::testing::TempDir() + "system_" + std::to_string(::getpid());
    system.user = "ann";
    system.may_use = [this](const std::string&) { return permitted; };
    fs::create_directories(system.root);
  }
  void TearDown() override { fs::remove_all(system.root); }
  void make(const std::string& path, const std::string& text = "") const {
    fs::create_directories(fs::path(system.root + path).parent_path());
    std::ofstream(system.root + path) << text << "\n";
  }
  void link(const std::string& path, const std::string& target) const {
    fs::create_directories(fs::path(system.root + path).parent_path());
    fs::create_symlink(target, system.root + path);
  }
  void plug() const {
    const std::string device = "/sys/bus/usb/devices/1-4";
    for (const auto& [name, text] :
         std::initializer_list<std::pair<const char*, const char*>>{{"idVendor", "0957"},
                                                                    {"idProduct", "1796"},
                                                                    {"busnum", "1"},
                                                                    {"devnum", "9"},
                                                                    {"product", "DSO\x1b[2J"}}) {
      make(device + "/" + name, text);
    }
    make(device + ":1.0/bInterfaceClass", "fe");
    make(device + ":1.0/bInterfaceSubClass", "03");
    make(device + ":1.1/bInterfaceClass", "08");
    make("/dev/bus/usb/001/009");
  }
  /// A process that has `file` open.
  void run_process(const std::string& name, const std::string& file) const {
    make("/proc/4711/comm", name);
    link("/proc/4711/fd/5", file);
  }
  SystemView system;
  bool permitted = true;
};

TEST_F(DeviceChecksTest, PermittedInstrumentIsGood) {
  plug();
  const auto found = check_usb(system);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].level, Level::good);
  EXPECT_THAT(found[0].text, HasSubstr("0957:1796 DSO?[2J: /dev/bus/usb/001/009"));
}

TEST_F(DeviceChecksTest, NoPermissionHasAFixThatDependsOnTheRules) {
  plug();
  permitted = false;
  EXPECT_THAT(check_usb(system)[0].fix, HasSubstr("| sudo tee /etc/udev/rules.d/"));
  make("/lib/udev/rules.d/70-freevisa-usb.rules");
  const auto found = check_usb(system);
  EXPECT_EQ(found[0].level, Level::problem);
  EXPECT_THAT(found[0].fix, HasSubstr(" ann, then log in anew"));
}

TEST_F(DeviceChecksTest, MissingNodeIsAProblem) {
  plug();
  fs::remove(system.root + "/dev/bus/usb/001/009");
  EXPECT_THAT(check_usb(system)[0].text, HasSubstr("does not exist"));
}

TEST_F(DeviceChecksTest, KernelDriverIsANoteUntilAProgramUsesIt) {
  plug();
  link("/sys/bus/usb/devices/1-4:1.0/driver", "../../drivers/usbtmc");
  make("/sys/bus/usb/devices/1-4:1.0/usbmisc/usbtmc0/dev");
  auto found = check_usb(system);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].level, Level::note);
  EXPECT_THAT(found[1].fix, HasSubstr("rmmod usbtmc"));
  run_process("python3", "/dev/usbtmc0");
  found = check_usb(system);
  EXPECT_EQ(found[1].level, Level::problem);
  EXPECT_THAT(found[1].text, HasSubstr("python3 (4711)"));
}

TEST_F(DeviceChecksTest, SerialPortsArePermittedFreeAndLeftAlone) {
  make("/sys/class/tty/ttyUSB0/dev");
  make("/sys/class/tty/ttyS0/dev");
  make("/dev/ttyUSB0");
  EXPECT_EQ(check_serial(system, "").size(), 1u);
  EXPECT_EQ(check_serial(system, "")[0].level, Level::good);
  run_process("ModemManager", "/dev/ttyUSB0");
  const auto found = check_serial(system, "/dev/ttyACM7");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_THAT(found[0].text, HasSubstr("ModemManager (4711) has it open"));
  EXPECT_THAT(found[1].text, HasSubstr("there is no such port"));
  EXPECT_THAT(found[2].text, HasSubstr("ModemManager runs"));
  permitted = false;
  EXPECT_THAT(check_serial(system, "")[0].text, HasSubstr("no permission"));
}

TEST_F(DeviceChecksTest, ProcessesGoByTheirNames) {
  run_process("firewalld", "/dev/null");
  EXPECT_TRUE(is_running(system, "firewalld"));
  EXPECT_FALSE(is_running(system, "ufw"));
}

TEST_F(DeviceChecksTest, ThisSystemIsLookedAtWithoutHarm) {
  const auto found = check_usb(this_system());
  EXPECT_FALSE(found.empty());
}

}  // namespace
}  // namespace visa::tool
