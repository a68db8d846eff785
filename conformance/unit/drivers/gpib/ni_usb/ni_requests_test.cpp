// SPDX-License-Identifier: MIT
// The bytes of each request.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "drivers/gpib/ni_usb/ni_blocks.h"
#include "drivers/gpib/ni_usb/ni_registers.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

std::string hex(const Bytes& bytes) {
  std::string text;
  for (const auto one : bytes) {
    char two[4];
    std::snprintf(two, sizeof two, "%02X ", static_cast<unsigned>(one));
    text += two;
  }
  return text;
}

TEST(NiRequestsTest, HaveTheBytesOfTheProtocol) {
  Bytes out;
  write_registers(out, kRenOn);
  EXPECT_EQ(hex(out), "09 01 00 01 0A 1F 00 00 04 00 00 00 ");
  read_registers(out, std::array<Register, 1>{{{1, 0x1F}}});
  EXPECT_EQ(hex(out), "08 01 01 1F 04 00 00 00 ");
  take_control(out, true);
  EXPECT_EQ(hex(out), "01 01 00 00 04 00 00 00 ");
  take_control(out, false);
  EXPECT_EQ(hex(out), "01 00 00 00 04 00 00 00 ");
  go_to_standby(out);
  EXPECT_EQ(hex(out), "06 00 00 00 04 00 00 00 ");
  clear_interface(out);
  EXPECT_EQ(hex(out), "0F 00 00 00 04 00 00 00 ");
}

TEST(NiRequestsTest, CarryDataAndCounts) {
  Bytes out;
  const std::array<std::byte, 3> three = {std::byte{0x3F}, std::byte{0x40}, std::byte{0x25}};
  send_commands(out, three, 0xFB);
  EXPECT_EQ(hex(out), "0C FD 00 FB 3F 40 25 00 04 00 00 00 ");
  send_data(out, three, true, 0xFC);
  EXPECT_EQ(hex(out), "0D FD FF FC 00 00 08 00 3F 40 25 00 04 00 00 00 ");
  send_data(out, std::span(three).first(1), false, 0xFC);
  EXPECT_EQ(hex(out), "0D FF FF FC 00 00 00 00 3F 00 00 00 04 00 00 00 ");
  receive_data(out, 256, std::nullopt, 0xF0);
  EXPECT_EQ(hex(out), "0A 00 00 F0 00 FF 00 00 09 02 00 01 0A 51 01 0A 55 00 00 00 04 00 00 00 ");
  receive_data(out, kMostData, std::uint8_t{'\n'}, 0xFF);
  EXPECT_EQ(hex(out).substr(0, 24), "0A 14 0A FF 01 00 00 00 ");
}

TEST(NiRequestsTest, StartTheAdapterWithOneMessageOf88Bytes) {
  Bytes out;
  write_registers(out, kStartUp);
  EXPECT_EQ(out.size(), 88U);
  EXPECT_EQ(hex(out).substr(0, 27), "09 1A 00 03 10 00 01 1C 22 ");
  write_registers(out, own_address({5, 3}));
  EXPECT_EQ(hex(out), "09 05 00 01 0C 05 02 00 05 01 0C 83 01 08 32 02 01 63 00 00 04 00 00 00 ");
}

TEST(NiRequestsTest, TheTimerIsNeverBelowTheTime) {
  EXPECT_EQ(timeout_code(0), 0xF1);
  EXPECT_EQ(timeout_code(10), 0xF1);
  EXPECT_EQ(timeout_code(11), 0xF2);
  EXPECT_EQ(timeout_code(1'000'000), 0xFB);
  EXPECT_EQ(timeout_code(1'000'001), 0xFC);
  EXPECT_EQ(timeout_code(100'000'001), 0x01);
  EXPECT_EQ(timeout_code(1'000'000'000), 0x02);
  EXPECT_EQ(timeout_code(1'000'000'001), kNoTimeout);
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
