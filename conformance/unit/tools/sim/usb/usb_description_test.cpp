// SPDX-License-Identifier: MIT
// The table [usb]: what is read, and what is refused with its place.
#include "tools/sim/usb/usb_description.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

UsbDescription read(const std::string& rest) {
  const auto description = usb_described("[usb]\n" + rest);
  return dynamic_cast<const UsbDescription&>(*description->section(usb_wire_kind()));
}

std::string mistakes(const std::string& rest) {
  try {
    read(rest);
  } catch (const DescriptionError& error) {
    return error.what();
  }
  return {};
}

TEST(UsbDescriptionTest, EverythingHasAPreset) {
  const UsbDescription usb = read("");
  EXPECT_EQ(usb.vendor, 0x1209);
  EXPECT_TRUE(usb.usbtmc && usb.usb488 && usb.interrupt);
  EXPECT_FALSE(usb.raw || usb.kernel_driver || usb.needs_remote || usb.vendor_messages);
  EXPECT_EQ(usb.raw_interface, 1);
  EXPECT_EQ(usb.speed, UsbSpeed::high);
  EXPECT_TRUE(usb.capabilities.trigger);
  EXPECT_FALSE(usb.serial);
}

TEST(UsbDescriptionTest, EveryKeyIsRead) {
  const UsbDescription usb = read(
      "vendor = 0x0957\nproduct = 0x1796\nversion = 0x0203\nserial = \"MY-\xC3\xB6\"\n"
      "manufacturer = \"M\"\nmodel = \"N\"\nserial_unreadable = true\nspeed = \"full\"\n"
      "interface = 2\nusb488 = false\ninterrupt = false\nraw = true\nraw_interrupt = false\n"
      "capabilities = [\"talk-only\", \"dt1\"]\nvendor_messages = true\n"
      "largest_answer = 63\nclear_ms = 5\nclear_drains = true\nneeds_remote = true\n"
      "kernel_driver = true\n");
  EXPECT_EQ(usb.vendor, 0x0957);
  EXPECT_EQ(usb.product, 0x1796);
  EXPECT_EQ(usb.version, 0x0203);
  EXPECT_EQ(usb.serial, "MY-\xC3\xB6");
  EXPECT_EQ(usb.manufacturer, "M");
  EXPECT_EQ(usb.model, "N");
  EXPECT_TRUE(usb.serial_unreadable && usb.raw && usb.vendor_messages && usb.clear_drains);
  EXPECT_TRUE(usb.needs_remote && usb.kernel_driver);
  EXPECT_FALSE(usb.usb488 || usb.interrupt || usb.raw_interrupt);
  EXPECT_EQ(usb.speed, UsbSpeed::full);
  EXPECT_EQ(usb.interface, 2);
  EXPECT_EQ(usb.raw_interface, 3);
  EXPECT_TRUE(usb.capabilities.talk_only && usb.capabilities.dt1);
  EXPECT_FALSE(usb.capabilities.trigger || usb.capabilities.scpi);
  EXPECT_EQ(usb.largest_answer, 63U);
  EXPECT_EQ(usb.clear_ms, 5U);
}

TEST(UsbDescriptionTest, MistakesSayWhatWasExpected) {
  EXPECT_THAT(mistakes("vendor = 70000\n"), HasSubstr("vendor"));
  EXPECT_THAT(mistakes("speed = \"warp\"\n"), HasSubstr("full"));
  EXPECT_THAT(mistakes("capabilities = [\"fly\"]\n"), HasSubstr("expected indicator-pulse"));
  EXPECT_THAT(mistakes("serial = \"" + std::string(127, 'x') + "\"\n"), HasSubstr("126 bytes"));
  EXPECT_THAT(mistakes("raw = true\nraw_interface = 0\n"), HasSubstr("another number"));
  EXPECT_THAT(mistakes("usbtmc = false\n"), HasSubstr("expected `raw`"));
  EXPECT_THAT(mistakes("port = 1\n"), HasSubstr("port"));
}

}  // namespace
}  // namespace visa::sim
