// SPDX-License-Identifier: MIT
// Blocks as the adapter reads and writes them, byte by byte.
#include "tools/sim/dongle/ni_message.h"

#include <gtest/gtest.h>

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"

namespace visa::sim {
namespace {

TEST(NiMessageTest, ReadsCommandBytes) {
  const auto parsed = parse_ni_message(
      dongle_bytes({0x0C, 0xFD, 0, 0xFB, 0x3F, 0x40, 0x25, 0, 0x04, 0, 0, 0, 0x77}));
  ASSERT_EQ(parsed.kind, NiParsed::Kind::message);
  EXPECT_EQ(parsed.size, 12U);
  EXPECT_TRUE(parsed.padded);
  EXPECT_EQ(parsed.message.operation, NiOperation::command);
  EXPECT_EQ(parsed.message.data, "?@%");
  EXPECT_EQ(parsed.message.timeout, 0xFB);
}

TEST(NiMessageTest, DataThatLooksLikeATerminatorIsData) {
  const std::string data = dongle_bytes({0x04, 0, 0, 0, 0x04, 0, 0, 0});
  const std::string bytes = dongle_bytes({0x0D, 0xF8, 0xFF, 0xFB, 0, 0, 8, 0}) + data;
  EXPECT_EQ(parse_ni_message(bytes).kind, NiParsed::Kind::more);
  const auto parsed = parse_ni_message(ni_closed(bytes));
  ASSERT_EQ(parsed.kind, NiParsed::Kind::message);
  EXPECT_EQ(parsed.message.data, data);
  EXPECT_EQ(parsed.message.argument, 8);
}

TEST(NiMessageTest, ReadsTheReadWithItsRegisterWrites) {
  const std::string bytes = dongle_bytes({0x0A, 0x14, '\n', 0xFC, 0x38, 0xFF, 0, 0, 0x09, 2, 0, 1,
                                          0x0A, 0x51, 1,    0x0A, 0x55, 0,    0, 0, 4,    0, 0, 0});
  for (std::size_t part = 0; part < bytes.size(); ++part) {
    EXPECT_EQ(parse_ni_message(bytes.substr(0, part)).kind, NiParsed::Kind::more) << part;
  }
  const auto parsed = parse_ni_message(bytes);
  ASSERT_EQ(parsed.kind, NiParsed::Kind::message);
  EXPECT_EQ(parsed.message.count, 200U);
  EXPECT_EQ(parsed.message.registers.size(), 2U);
  EXPECT_EQ(parsed.message.end_byte, '\n');
}

TEST(NiMessageTest, NamesMistakes) {
  EXPECT_EQ(parse_ni_message("\x7F").kind, NiParsed::Kind::mistake);
  EXPECT_EQ(parse_ni_message(dongle_bytes({6, 0, 0, 0, 5, 0, 0, 0})).kind, NiParsed::Kind::mistake);
  EXPECT_FALSE(parse_ni_message(dongle_bytes({8, 1, 1, 0x1F, 4, 0, 0, 0})).padded == false);
  EXPECT_FALSE(parse_ni_message(dongle_bytes({9, 1, 0, 1, 0x0A, 1, 7, 0, 4, 0, 0, 0})).padded);
}

TEST(NiMessageTest, WritesStatusAndData) {
  EXPECT_EQ(ni_status_block(0x0D, 0x4128, NiError::timeout, 3),
            dongle_bytes({0x0D, 0x41, 0x28, 0x0A, 0xFD, 0xFF, 0, 0}));
  EXPECT_EQ(ni_status_block(0x0D, 0, NiError::none, 0), std::string("\x0D") + std::string(7, '\0'));
  EXPECT_EQ(ni_data_blocks("ab", true),
            "\x36"
            "ab" +
                std::string(13, '\0'));
  EXPECT_EQ(ni_data_blocks(std::string(31, 'x'), false).size(), 64U);
  EXPECT_EQ(ni_last_block(0, false), 0);
  EXPECT_EQ(ni_last_block(30, false), 30);
  EXPECT_EQ(ni_last_block(31, false), 1);
  EXPECT_EQ(ni_last_block(31, true), 1);
}

}  // namespace
}  // namespace visa::sim
