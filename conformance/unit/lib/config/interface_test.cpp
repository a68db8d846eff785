// SPDX-License-Identifier: MIT
// Names of interfaces, and which of them a resource is on.
#include "lib/config/interface.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::config {
namespace {

std::string canonical(std::string_view text) {
  const auto name = parse_interface_name(text);
  return name ? name->canonical() : "";
}

TEST(InterfaceNames, HaveOneSpelling) {
  const std::pair<const char*, const char*> cases[] = {
      {"GPIB0", "GPIB0"},         {"gpib007", "GPIB7"},
      {"Gpib", "GPIB"},           {"asrl12", "ASRL12"},
      {"TCPIP", "TCPIP"},         {"usb0", "USB0"},
      {"gpib-vxi1", "GPIB-VXI1"}, {"VXI65535", "VXI65535"},
      {"firewire0", "FIREWIRE0"}, {"pxi", "PXI"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(canonical(text), expected) << text;
}

TEST(InterfaceNames, OthersAreRefused) {
  for (const char* text :
       {"", "0", "GPI", "GPIB 0", "GPIB0 ", " GPIB0", "GPIB+1", "GPIB-1", "GPIB0x1", "GPIB65536",
        "GPIB99999999999999999999", "GPIB0::INTFC", "ASRL/dev/ttyS0", "RM", "INSTR"}) {
    EXPECT_EQ(canonical(text), "") << text;
  }
  EXPECT_FALSE(parse_interface_name(std::string_view("GPIB0\0", 6)));
}

TEST(InterfaceNames, EveryResourceButADeviceNodeHasABoard) {
  const std::pair<const char*, const char*> cases[] = {
      {"GPIB::1::INSTR", "GPIB0"},
      {"GPIB3::INTFC", "GPIB3"},
      {"ASRL2::INSTR", "ASRL2"},
      {"TCPIP1::10.0.0.5::inst0::INSTR", "TCPIP1"},
      {"TCPIP::10.0.0.5::5025::SOCKET", "TCPIP0"},
      {"USB::0x1234::0x5678::SN::INSTR", "USB0"},
  };
  for (const auto& [text, expected] : cases) {
    const auto board = board_of(*model::parse_resource_name(text));
    ASSERT_TRUE(board) << text;
    EXPECT_EQ(board->canonical(), expected);
  }
  EXPECT_FALSE(board_of(*model::parse_resource_name("ASRL/dev/ttyUSB0::INSTR")));
}

}  // namespace
}  // namespace visa::config
