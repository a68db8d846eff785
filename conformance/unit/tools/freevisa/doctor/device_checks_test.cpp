// SPDX-License-Identifier: MIT
#include "tools/freevisa/doctor/device_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "conformance/unit/tools/freevisa/doctor/made_up_system.h"

namespace visa::tool {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Level = Finding::Level;

class DeviceChecksTest : public MadeUpSystem {
 protected:
  void plug_instrument() const { plug("0957", "1796", "fe", "DSO\x1b[2J"); }
};

TEST_F(DeviceChecksTest, PermittedInstrumentIsGood) {
  plug_instrument();
  const auto found = check_usb(system);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].level, Level::good);
  EXPECT_THAT(found[0].text, HasSubstr("0957:1796 DSO?[2J: /dev/bus/usb/001/009"));
}

TEST_F(DeviceChecksTest, NoPermissionHasAFixThatDependsOnTheRules) {
  plug_instrument();
  permitted = false;
  EXPECT_THAT(check_usb(system)[0].fix, HasSubstr("| sudo tee /etc/udev/rules.d/"));
  make("/lib/udev/rules.d/70-freevisa-usb.rules");
  const auto found = check_usb(system);
  EXPECT_EQ(found[0].level, Level::problem);
  EXPECT_EQ(found[0].fix, fix_of_permission(system, "/dev/bus/usb/001/009"));
}

TEST_F(DeviceChecksTest, MissingNodeIsAProblem) {
  plug_instrument();
  fs::remove(system.root + "/dev/bus/usb/001/009");
  EXPECT_THAT(check_usb(system)[0].text, HasSubstr("does not exist"));
}

TEST_F(DeviceChecksTest, KernelDriverIsANoteUntilAProgramUsesIt) {
  plug_instrument();
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

TEST_F(DeviceChecksTest, ThisSystemIsLookedAtWithoutHarm) {
  const auto found = check_usb(this_system());
  EXPECT_FALSE(found.empty());
}

}  // namespace
}  // namespace visa::tool
