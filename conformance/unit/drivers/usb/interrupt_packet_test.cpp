// SPDX-License-Identifier: MIT
#include "drivers/usb/interrupt_packet.h"

#include <gtest/gtest.h>

#include <array>

namespace visa::test {
namespace {

using drivers::usb::InterruptPacket;
using drivers::usb::read_interrupt_packet;
using Kind = InterruptPacket::Kind;

InterruptPacket read(int first, int second) {
  const std::array packet{static_cast<std::byte>(first), static_cast<std::byte>(second)};
  return read_interrupt_packet(packet);
}

TEST(InterruptPacket, EveryFirstByte) {
  for (int first = 0; first < 256; ++first) {
    const auto packet = read(first, 0x55);
    if (first == 0x81) {
      EXPECT_EQ(packet.kind, Kind::service_request);
      EXPECT_EQ(packet.status, 0x55);
    } else if (first > 0x81) {
      EXPECT_EQ(packet.kind, Kind::status_byte);
      EXPECT_EQ(packet.tag, first & 0x7F);
      EXPECT_EQ(packet.status, 0x55);
    } else {
      EXPECT_EQ(packet.kind, Kind::notification) << first;
    }
  }
}

TEST(InterruptPacket, ShortPackets) {
  EXPECT_EQ(read_interrupt_packet({}).kind, Kind::nothing);
  const std::array one{std::byte{0x81}};
  EXPECT_EQ(read_interrupt_packet(one).kind, Kind::notification);
}

}  // namespace
}  // namespace visa::test
