// SPDX-License-Identifier: MIT
#include "lib/model/known_attributes.h"

#include <gtest/gtest.h>

#include <string>

#include "lib/model/attribute_table.h"

namespace visa::model {
namespace {

std::optional<AttributeValue> known(std::string_view name, ViAttr id) {
  const auto parsed = parse_resource_name(name);
  EXPECT_TRUE(parsed) << name;
  return parsed ? known_attribute(*parsed, id) : std::nullopt;
}

void expect_number(std::string_view name, ViAttr id, std::uint64_t value) {
  const auto answer = known(name, id);
  ASSERT_TRUE(answer.has_value()) << name;
  EXPECT_EQ(*answer, AttributeValue(value)) << name;
}

void expect_text(std::string_view name, ViAttr id, std::string value) {
  const auto answer = known(name, id);
  ASSERT_TRUE(answer.has_value()) << name;
  EXPECT_EQ(*answer, AttributeValue(std::move(value))) << name;
}

void expect_unknown(std::string_view name, ViAttr id) {
  EXPECT_FALSE(known(name, id).has_value()) << name << " " << std::hex << id;
}

TEST(KnownAttributes, EveryNameTellsInterfaceBoardClassAndItself) {
  expect_number("TCPIP3::192.0.2.1::5025::SOCKET", VI_ATTR_INTF_TYPE, VI_INTF_TCPIP);
  expect_number("TCPIP3::192.0.2.1::5025::SOCKET", VI_ATTR_INTF_NUM, 3);
  expect_text("tcpip3::192.0.2.1::5025::socket", VI_ATTR_RSRC_CLASS, "SOCKET");
  expect_text("gpib::5", VI_ATTR_RSRC_NAME, "GPIB0::5::INSTR");
  expect_number("ASRL7", VI_ATTR_INTF_TYPE, VI_INTF_ASRL);
  expect_number("ASRL7", VI_ATTR_INTF_NUM, 7);
}

TEST(KnownAttributes, TcpipAddressOrHostNameNeverBoth) {
  expect_text("TCPIP::192.0.2.1::1::SOCKET", VI_ATTR_TCPIP_ADDR, "192.0.2.1");
  expect_unknown("TCPIP::192.0.2.1::1::SOCKET", VI_ATTR_TCPIP_HOSTNAME);
  expect_text("TCPIP::scope.lab::1::SOCKET", VI_ATTR_TCPIP_HOSTNAME, "scope.lab");
  expect_unknown("TCPIP::scope.lab::1::SOCKET", VI_ATTR_TCPIP_ADDR);
  expect_text("TCPIP::[2001:db8::1]::1::SOCKET", VI_ATTR_TCPIP_ADDR, "2001:db8::1");
}

TEST(KnownAttributes, TcpipPortAndDevice) {
  expect_number("TCPIP::h::5025::SOCKET", VI_ATTR_TCPIP_PORT, 5025);
  expect_unknown("TCPIP::h::inst0::INSTR", VI_ATTR_TCPIP_PORT);  // VXI-11 has no such attribute
  expect_number("TCPIP::h::hislip0::INSTR", VI_ATTR_TCPIP_PORT, 4880);
  expect_number("TCPIP::h::hislip0::INSTR", VI_ATTR_TCPIP_IS_HISLIP, VI_TRUE);
  expect_number("TCPIP::h::inst0::INSTR", VI_ATTR_TCPIP_IS_HISLIP, VI_FALSE);
  expect_text("TCPIP::h::inst3::INSTR", VI_ATTR_TCPIP_DEVICE_NAME, "inst3");
  expect_unknown("TCPIP::h::5025::SOCKET", VI_ATTR_TCPIP_DEVICE_NAME);
}

TEST(KnownAttributes, GpibAddresses) {
  expect_number("GPIB1::5::3::INSTR", VI_ATTR_GPIB_PRIMARY_ADDR, 5);
  expect_number("GPIB1::5::3::INSTR", VI_ATTR_GPIB_SECONDARY_ADDR, 3);
  expect_number("GPIB1::5::INSTR", VI_ATTR_GPIB_SECONDARY_ADDR, VI_NO_SEC_ADDR);
}

TEST(KnownAttributes, UsbIdentity) {
  constexpr auto kFull = "USB::0x1234::0x00AB::SN-7::2::INSTR";
  expect_number(kFull, VI_ATTR_MANF_ID, 0x1234);
  expect_number(kFull, VI_ATTR_MODEL_CODE, 0xAB);
  expect_text(kFull, VI_ATTR_USB_SERIAL_NUM, "SN-7");
  expect_number(kFull, VI_ATTR_USB_INTFC_NUM, 2);
  expect_unknown("USB::0x1234::0x00AB::SN-7::INSTR", VI_ATTR_USB_INTFC_NUM);
}

TEST(KnownAttributes, VxiAndPxiPlaces) {
  expect_number("VXI0::9::INSTR", VI_ATTR_VXI_LA, 9);
  expect_number("GPIB-VXI0::9::INSTR", VI_ATTR_VXI_LA, 9);
  expect_number("VXI0::1::BACKPLANE", VI_ATTR_MAINFRAME_LA, 1);
  expect_number("PXI0::3-18.2::INSTR", VI_ATTR_PXI_BUS_NUM, 3);
  expect_number("PXI0::3-18.2::INSTR", VI_ATTR_PXI_DEV_NUM, 18);
  expect_number("PXI0::3-18.2::INSTR", VI_ATTR_PXI_FUNC_NUM, 2);
  expect_unknown("PXI0::3-18.2::INSTR", VI_ATTR_PXI_CHASSIS);
  expect_number("PXI0::CHASSIS1::SLOT4::INSTR", VI_ATTR_PXI_CHASSIS, 1);
  expect_number("PXI0::CHASSIS1::SLOT4::INSTR", VI_ATTR_SLOT, 4);
  expect_unknown("PXI0::CHASSIS1::SLOT4::INSTR", VI_ATTR_PXI_BUS_NUM);
}

TEST(KnownAttributes, NeverAnswersWhatTheKindDoesNotHave) {
  for (const auto name : {"TCPIP::h::1::SOCKET", "GPIB::1::INSTR", "ASRL1::INSTR", "GPIB::INTFC",
                          "USB::0x1::0x2::S::RAW", "VXI::1::INSTR", "PXI::1-1::INSTR"}) {
    const auto parsed = parse_resource_name(name);
    ASSERT_TRUE(parsed) << name;
    for (const auto& row : attribute_table()) {
      const auto answer = known_attribute(*parsed, row.id);
      const auto* own = find_attribute(row.id, parsed->kind);
      if (own == nullptr) {
        EXPECT_FALSE(answer.has_value()) << name << " " << row.name;
      } else if (answer) {
        const bool text = std::holds_alternative<std::string>(*answer);
        EXPECT_EQ(text, own->type == AttributeType::string) << name << " " << row.name;
      }
    }
  }
}

}  // namespace
}  // namespace visa::model
