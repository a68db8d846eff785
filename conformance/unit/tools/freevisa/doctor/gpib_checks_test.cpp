// SPDX-License-Identifier: MIT
#include "tools/freevisa/doctor/gpib_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conformance/unit/tools/freevisa/doctor/made_up_system.h"

namespace visa::tool {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Level = Finding::Level;

class GpibChecksTest : public MadeUpSystem {
 protected:
  Finding only(const std::vector<ConfiguredBoard>& boards = {}) const {
    const auto found = check_gpib_system(system, boards);
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? Finding{} : found.front();
  }
};

TEST_F(GpibChecksTest, NothingIsSaidWhereThereIsNoGpib) {
  EXPECT_TRUE(check_gpib_system(system, {}).empty());
  const auto never = [](const std::string&) -> std::string {
    ADD_FAILURE() << "there is no board";
    return "";
  };
  EXPECT_TRUE(check_gpib_boards(system, {}, never).empty());
}

TEST_F(GpibChecksTest, AdapterWithoutPermissionNamesTheRule) {
  plug("3923", "709b", "ff", "GPIB-USB-HS");
  EXPECT_EQ(only().level, Level::good);
  permitted = false;
  Finding finding = only();
  EXPECT_EQ(finding.level, Level::problem);
  EXPECT_THAT(finding.text, AllOf(HasSubstr("NI GPIB-USB-HS (3923:709b GPIB-USB-HS)"),
                                  HasSubstr("/dev/bus/usb/001/009"),
                                  HasSubstr("no udev rule (70-freevisa-usb.rules)")));
  EXPECT_THAT(finding.fix,
              AllOf(HasSubstr("sudo groupadd -f --system gpib && sudo usermod -aG gpib ann && "),
                    HasSubstr("ATTR{idVendor}==\"3923\", ATTR{idProduct}==\"709b\"")));
  make("/etc/group", "gpib:x:998:");
  make("/usr/lib/udev/rules.d/70-freevisa-usb.rules", "ATTR{idVendor}==\"3923\"");
  finding = only();
  EXPECT_THAT(finding.text, HasSubstr("although a udev rule (70-freevisa-usb.rules) knows it"));
  EXPECT_EQ(finding.fix, fix_of_permission(system, "/dev/bus/usb/001/009"));
}

TEST_F(GpibChecksTest, KernelDriverMakesABoardOfIt) {
  permitted = false;
  plug("0957", "0718", "ff");
  link("/sys/bus/usb/devices/1-4:1.0/driver", "../../drivers/agilent_82357a");
  EXPECT_EQ(only().level, Level::good);
  EXPECT_THAT(only().text, HasSubstr("the kernel's driver agilent_82357a has it"));
}

TEST_F(GpibChecksTest, MissingFirmwareIsNamedWithItsPlace) {
  plug("0957", "0518", "ff");
  EXPECT_EQ(only().level, Level::problem);
  EXPECT_THAT(only().text, HasSubstr("measat_releaseX1.8.hex is in none of the usual folders"));
  EXPECT_THAT(only().fix, HasSubstr("put it into /usr/share/usb/agilent_82357a/"));
  make("/usr/local/share/usb/agilent_82357a/measat_releaseX1.8.hex");
  EXPECT_EQ(only().level, Level::good);
  EXPECT_THAT(only().text, HasSubstr("the first viOpen gives it "
                                     "/usr/local/share/usb/agilent_82357a/measat_releaseX1.8.hex"));
  permitted = false;
  EXPECT_EQ(only().level, Level::problem) << "it cannot be given to it";
}

TEST_F(GpibChecksTest, AnAdapterThatOnlyTheKernelDrivesIsSaidToBeOne) {
  plug("3923", "702a", "ff");
  EXPECT_EQ(only().level, Level::problem);
  EXPECT_THAT(only().text, HasSubstr("FreeVISA does not drive it by itself"));
  link("/sys/bus/usb/devices/1-4:1.0/driver", "../../drivers/ni_usb_gpib");
  EXPECT_EQ(only().level, Level::good);
}

TEST_F(GpibChecksTest, BootLoaderOfAnHsPlusIsKnown) {
  plug("3923", "761e", "ff");
  EXPECT_EQ(only().level, Level::problem);
  EXPECT_THAT(only().text, HasSubstr("NI GPIB-USB-HS+ (3923:761e): its boot loader runs"));
}

TEST_F(GpibChecksTest, XyphroIsAnAdapterUnlessItIsAUsbInstrument) {
  plug("03eb", "2065", "fe");
  EXPECT_TRUE(check_gpib_system(system, {}).empty());
  make("/sys/bus/usb/devices/1-4:1.0/bInterfaceClass", "ff");
  EXPECT_THAT(only().text, HasSubstr("Xyphro UsbGpib (03eb:2065)"));
}

TEST_F(GpibChecksTest, NodesOfTheKernelNeedAModuleAndPermission) {
  const std::vector<ConfiguredBoard> boards = {{1, "kernel://3", "f", 4}};
  EXPECT_THAT(only(boards).text, HasSubstr("/dev/gpib3: there is no such board"));
  EXPECT_THAT(only(boards).fix, HasSubstr("sudo modprobe ni_usb_gpib"));
  make("/dev/gpib3");
  EXPECT_EQ(only(boards).level, Level::good);
  permitted = false;
  EXPECT_THAT(only(boards).fix, HasSubstr("/etc/udev/rules.d/70-freevisa-gpib.rules"));
  make("/lib/udev/rules.d/70-freevisa-gpib.rules");
  EXPECT_THAT(only(boards).fix, HasSubstr("usermod -aG gpib ann && sudo udevadm trigger"));
  make("/dev/gpib0");
  EXPECT_THAT(
      only({{0, "prologix://192.168.1.30", "f", 4}, {1, "kernel:///dev/gpib3", "f", 9}}).text,
      HasSubstr("/dev/gpib3"))
      << "GPIB0 is another";
  EXPECT_THAT(only().text, HasSubstr("/dev/gpib0"));
}

TEST_F(GpibChecksTest, ModulesOfTheKernelAreListed) {
  make("/sys/module/gpib_common/refcnt");
  EXPECT_EQ(only().level, Level::note);
  make("/sys/module/tnt4882/refcnt");
  EXPECT_EQ(only().text, "modules of the kernel: gpib_common, tnt4882");
}

TEST_F(GpibChecksTest, EachBoardIsOpenedAndWhatItSaysHasAFix) {
  make("/dev/gpib0");
  std::string opened;
  const auto open = [&opened](const std::string& name) -> std::string {
    opened += name + " ";
    if (name == "GPIB0::INTFC") return "the board is offline; run gpib_config as root";
    return name == "GPIB1::INTFC" ? "192.168.1.30 port 1234: no answer" : "";
  };
  const auto found = check_gpib_boards(
      system, {{1, "prologix://192.168.1.30", "lab.toml", 4}, {2, "vxi11://a", "lab.toml", 9}},
      open);
  EXPECT_EQ(opened, "GPIB1::INTFC GPIB2::INTFC GPIB0::INTFC ");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].text, "GPIB1 (prologix://192.168.1.30): 192.168.1.30 port 1234: no answer");
  EXPECT_THAT(found[0].fix, HasSubstr("mend adapter in lab.toml, line 4"));
  EXPECT_EQ(found[1].level, Level::good);
  EXPECT_THAT(found[2].fix, HasSubstr("sudo gpib_config --minor 0"));
}

TEST_F(GpibChecksTest, ABoardAtUsbIsNotLookedForInTheNetwork) {
  const auto found = check_gpib_boards(system, {{3, "usb://01A2B3C4", "lab.toml", 7}},
                                       [](const std::string&) { return "no such adapter"; });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].text, "GPIB3 (usb://01A2B3C4): no such adapter");
  EXPECT_EQ(
      found[0].fix,
      "is it plugged in, and is 'usb://' followed by its serial number or USB port? The findings "
      "above tell of permission and firmware; else mend adapter in lab.toml, line 7");
}

}  // namespace
}  // namespace visa::tool
