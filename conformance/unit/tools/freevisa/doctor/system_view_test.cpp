// SPDX-License-Identifier: MIT
#include "tools/freevisa/doctor/system_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "conformance/unit/tools/freevisa/doctor/made_up_system.h"

namespace visa::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using SystemViewTest = MadeUpSystem;

TEST_F(SystemViewTest, ProcessesGoByTheirNames) {
  run_process("firewalld", "/dev/null");
  EXPECT_TRUE(is_running(system, "firewalld"));
  EXPECT_FALSE(is_running(system, "ufw"));
  EXPECT_THAT(holders_of(system, "/dev/null"), ElementsAre("firewalld (4711)"));
  EXPECT_TRUE(holders_of(system, "/dev/zero").empty());
}

TEST_F(SystemViewTest, DevicesAreDescribedWithoutControlCharacters) {
  plug("0957", "1796", "fe", "DSO\x1b[2J");
  EXPECT_EQ(usb_description(system.root + "/sys/bus/usb/devices/1-4"), "0957:1796 DSO?[2J");
  EXPECT_EQ(usb_node(system.root + "/sys/bus/usb/devices/1-4"), "/dev/bus/usb/001/009");
}

TEST_F(SystemViewTest, RulesAreFoundWhereUdevReadsThem) {
  EXPECT_EQ(rules_file(system, "70-a.rules"), "");
  make("/usr/lib/udev/rules.d/70-a.rules", "ATTR{idVendor}==\"3923\"");
  const std::string file = rules_file(system, "70-a.rules");
  EXPECT_EQ(file, system.root + "/usr/lib/udev/rules.d/70-a.rules");
  EXPECT_TRUE(file_has(file, "3923"));
  EXPECT_FALSE(file_has(file, "0957"));
}

TEST_F(SystemViewTest, PermissionIsByTheGroupOfTheNodeUnlessThatIsRoot) {
  make("/dev/a");
  const std::string node = system.root + "/dev/a";
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(node.c_str(), 0, 0), 0);
    EXPECT_THAT(fix_of_permission(system, "/dev/a"), HasSubstr("sudo udevadm control --reload"));
    ASSERT_EQ(::chown(node.c_str(), 0, 54321), 0);
    EXPECT_THAT(fix_of_permission(system, "/dev/a"), HasSubstr("usermod -aG 54321 ann, then log"));
  } else {
    EXPECT_THAT(fix_of_permission(system, "/dev/a"), HasSubstr(" ann, then log in anew"));
  }
}

}  // namespace
}  // namespace visa::tool
