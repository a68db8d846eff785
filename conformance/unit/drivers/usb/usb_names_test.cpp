// SPDX-License-Identifier: MIT
// Each name that is listed opens the device that it was listed for, whatever its serial number is.
#include "drivers/usb/usb_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace visa::test {
namespace {

using namespace drivers::usb;

UsbDeviceInfo device(const std::string& port, const std::string& serial) {
  UsbDeviceInfo one;
  one.port = port;
  one.vendor = 0x1AB1;
  one.product = 0x04CE;
  one.serial = serial;
  InterfaceInfo interface;
  interface.interface_class = 0xFE;
  interface.subclass = 3;
  one.interfaces = {interface};
  return one;
}

Result<UsbResource> find(std::span<const UsbDeviceInfo> devices, const std::string& text,
                         std::string* detail = nullptr) {
  Call call(Deadline::infinite());
  const auto name = model::parse_resource_name(text);
  if (!name) return name.status();
  auto found = find_resource(devices, *name, call);
  if (detail != nullptr) *detail = call.detail;
  return found;
}

TEST(UsbNames, EveryListedNameOpensItsDevice) {
  std::vector<UsbDeviceInfo> devices;
  const std::string serials[] = {
      "SN1", "sn2",  "",        "",         "MY\xC3\xA4\xC3\xB6 7", "a::b", "dup", "DUP", ":",
      "?*",  "@1-9", " blank ", "\x01\x7F", std::string(126, 'x')};
  int port = 1;
  for (const auto& serial : serials) {
    devices.push_back(device("1-" + std::to_string(port++), serial));
  }
  const auto resources = resources_of(devices);
  ASSERT_EQ(resources.size(), devices.size());
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const std::string text = resources[i].name.canonical();
    for (const char c : text) EXPECT_TRUE(c >= ' ' && c <= '~') << text;
    EXPECT_LE(text.size(), model::kMaxResourceNameLength);
    const auto found = find(devices, text);
    ASSERT_TRUE(found) << text;
    EXPECT_EQ(found->device, &devices[i]) << text;
    EXPECT_EQ(found->name.canonical(), text);
  }
}

TEST(UsbNames, Spellings) {
  const UsbDeviceInfo devices[] = {device("1-1", "SN1"), device("1-2", ""), device("1-3", "d"),
                                   device("1-4", "D")};
  const auto resources = resources_of(devices);
  EXPECT_EQ(resources[0].name.canonical(), "USB0::0x1AB1::0x04CE::SN1::INSTR");
  EXPECT_EQ(resources[1].name.canonical(), "USB0::0x1AB1::0x04CE::@1-2::INSTR");
  EXPECT_EQ(resources[2].name.canonical(), "USB0::0x1AB1::0x04CE::d@1-3::INSTR");
  EXPECT_EQ(find(devices, "usb::6833::0x4ce::sn1")->device, &devices[0]);
  EXPECT_EQ(find(devices, "USB::0x1AB1::0x04CE::SN1@1-1::INSTR")->device, &devices[0]);
  EXPECT_EQ(find(devices, "USB::0x1AB1::0x04CE::SN1@1-2::INSTR").status(),
            Status::error_rsrc_nfound);
}

std::string reason(std::span<const UsbDeviceInfo> devices, const std::string& text) {
  std::string detail;
  EXPECT_EQ(find(devices, text, &detail).status(), Status::error_rsrc_nfound);
  return detail;
}

TEST(UsbNames, ReasonsNameWhatIsThere) {
  using testing::HasSubstr;
  const UsbDeviceInfo devices[] = {device("1-3", "d"), device("1-4", "D")};
  EXPECT_THAT(reason(devices, "USB::0x1AB1::0x04CE::d::INSTR"), HasSubstr("d@1-3"));
  EXPECT_THAT(reason(devices, "USB::0x1AB1::0x04CE::other::INSTR"),
              HasSubstr("the same model is: 1AB1:04CE d@1-3"));
  EXPECT_EQ(reason(devices, "USB::1::1::x::INSTR"), "no such USB device is plugged in");
  EXPECT_THAT(reason({}, "USB::1::1::other::INSTR"), HasSubstr("container"));
  EXPECT_EQ(reason(devices, "USB::0x1AB1::0x04CE::d@1-3::7::INSTR"),
            "the device has no interface of this number");
}

TEST(UsbNames, InterfaceIsTheLowestOfItsClassUnlessTheNameSaysIt) {
  UsbDeviceInfo one = device("1-1", "SN1");
  InterfaceInfo tmc = one.interfaces[0];
  InterfaceInfo raw;
  raw.interface_class = 0xFF;
  InterfaceInfo disk;
  disk.interface_class = 8;
  one.interfaces = {disk, tmc, tmc, raw, tmc};
  one.interfaces[1].number = 3;
  one.interfaces[2].number = 2;
  one.interfaces[3].number = 4;
  one.interfaces[4].number = 2;  // another alternate setting
  one.interfaces[4].alternate = 1;
  const std::vector devices{one};
  const auto resources = resources_of(devices);
  std::vector<std::string> names;
  for (const auto& resource : resources) names.push_back(resource.name.canonical());
  EXPECT_EQ(names, (std::vector<std::string>{"USB0::0x1AB1::0x04CE::SN1::3::INSTR",
                                             "USB0::0x1AB1::0x04CE::SN1::2::INSTR",
                                             "USB0::0x1AB1::0x04CE::SN1::4::RAW"}));
  EXPECT_EQ(find(devices, "USB::0x1AB1::0x04CE::SN1::INSTR")->interface->number, 2);
  EXPECT_EQ(find(devices, "USB::0x1AB1::0x04CE::SN1::3::INSTR")->interface->number, 3);
  EXPECT_EQ(find(devices, "USB::0x1AB1::0x04CE::SN1::RAW")->interface->number, 4);
}

}  // namespace
}  // namespace visa::test
