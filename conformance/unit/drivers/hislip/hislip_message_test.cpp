// SPDX-License-Identifier: MIT
#include "drivers/hislip/hislip_message.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

namespace visa::drivers::hislip {
namespace {

using namespace std::string_view_literals;

std::span<const std::byte, kHeaderSize> header_bytes(std::string_view text) {
  return std::as_bytes(std::span(text)).first<kHeaderSize>();
}

TEST(HislipMessage, AHeaderIsSixteenBytesBigEndian) {
  const auto bytes = encode({MessageType::data_end, 1, 0xFFFFFF02, 0x0102030405060708});
  constexpr auto kWanted = "HS\x07\x01\xFF\xFF\xFF\x02\x01\x02\x03\x04\x05\x06\x07\x08"sv;
  EXPECT_EQ(std::memcmp(bytes.data(), kWanted.data(), kHeaderSize), 0);
  const auto header = decode(bytes);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, MessageType::data_end);
  EXPECT_EQ(header->control, 1);
  EXPECT_EQ(header->parameter, 0xFFFFFF02U);
  EXPECT_EQ(header->length, 0x0102030405060708U);
}

TEST(HislipMessage, OnlyThePrologueMakesAHeaderPoor) {
  EXPECT_FALSE(decode(header_bytes("HT\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv)));
  EXPECT_FALSE(decode(header_bytes("\0S\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv)));
  const auto strange = decode(header_bytes("HS\xFF\xFE\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv));
  ASSERT_TRUE(strange);
  EXPECT_EQ(strange->length, 0xFFFFFFFFFFFFFFFFU);
}

TEST(HislipMessage, SizesAreEightBytes) {
  const auto bytes = encode_size(0x100000);
  constexpr auto kWanted = "\0\0\0\0\0\x10\0\0"sv;
  EXPECT_EQ(std::memcmp(bytes.data(), kWanted.data(), kWanted.size()), 0);
  EXPECT_EQ(decode_size(bytes), 0x100000U);
}

}  // namespace
}  // namespace visa::drivers::hislip
