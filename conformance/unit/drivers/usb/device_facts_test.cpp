// SPDX-License-Identifier: MIT
// What a session reports of its device, in ASCII: PyVISA decodes no other text.
#include "drivers/usb/device_facts.h"

#include <gtest/gtest.h>

namespace visa::test {
namespace {

using namespace drivers::usb;

TEST(DeviceFacts, AreThoseOfTheDeviceInAscii) {
  UsbDeviceInfo device;
  device.port = "1-1";
  device.vendor = 0x1AB1;
  device.product = 0x04CE;
  device.serial = "SN\xC3\xA4 1";
  device.manufacturer = "Me\xC3\x9Fger\xC3\xA4te";
  device.model = "Toy";
  InterfaceInfo interface;
  interface.number = 2;
  interface.interface_class = 0xFE;
  interface.subclass = 3;
  interface.protocol = 1;
  device.interfaces = {interface};
  const auto resources = resources_of(std::span(&device, 1));
  ASSERT_EQ(resources.size(), 1u);
  const DeviceFacts facts = facts_of(resources[0]);
  EXPECT_EQ(facts.name, resources[0].name.canonical());
  EXPECT_EQ(facts.serial, "SN_ 1");
  EXPECT_EQ(facts.manufacturer, "Me_ger_te");
  EXPECT_EQ(facts.model, "Toy");
  EXPECT_EQ(facts.vendor, 0x1AB1);
  EXPECT_EQ(facts.product, 0x04CE);
  EXPECT_EQ(facts.interface, 2);
  EXPECT_EQ(facts.protocol, 1);
}

}  // namespace
}  // namespace visa::test
