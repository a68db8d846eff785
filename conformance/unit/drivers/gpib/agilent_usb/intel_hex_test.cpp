// SPDX-License-Identifier: MIT
// Firmware files, good ones and each kind of bad one.
#include "drivers/gpib/agilent_usb/intel_hex.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace visa::drivers::gpib::agilent {
namespace {

constexpr std::size_t kRoom = 0x4000;
constexpr std::string_view kEnd = ":00000001FF\n";

std::string fault_of(std::string_view text, std::size_t room = kRoom) {
  const HexFile file = parse_intel_hex(text, room);
  EXPECT_TRUE(file.good() || file.records.empty());
  return std::string(file.fault);
}

TEST(IntelHex, ReadsRecordsInEitherCaseAndWithEitherLineEnd) {
  const std::string text =
      ":03001000aaBBCC"
      "BC\r\n\n:0100ff00"
      "7F"
      "81\n:00000001FF";
  const HexFile file = parse_intel_hex(text, kRoom);
  EXPECT_EQ(file.fault, "");
  ASSERT_EQ(file.records.size(), 2U);
  EXPECT_EQ(file.records[0].address, 0x10);
  ASSERT_EQ(file.records[0].data.size(), 3U);
  EXPECT_EQ(file.records[0].data[1], std::byte{0xBB});
  EXPECT_EQ(file.records[1].address, 0xFF);
}

TEST(IntelHex, PassesOverRecordsThatChangeNothing) {
  const std::string text =
      ":020000040000FA\n:0400000500000000F7\n:0100000001FE\n" + std::string(kEnd);
  EXPECT_EQ(fault_of(text), "");
  EXPECT_EQ(parse_intel_hex(text, kRoom).records.size(), 1U);
}

TEST(IntelHex, RefusesWhatIsWrongInALine) {
  EXPECT_EQ(fault_of(":0100000001FD\n" + std::string(kEnd)), "the checksum is wrong");
  EXPECT_EQ(fault_of(":01000000G1FE\n"), "a character is no hexadecimal digit");
  EXPECT_EQ(fault_of(":0200000001FD\n"), "the line has a wrong length");
  EXPECT_EQ(fault_of(":010000000\n"), "the line has a wrong length");
  EXPECT_EQ(fault_of(":\n"), "the line has a wrong length");
  EXPECT_EQ(fault_of(":" + std::string(600, '0')), "the line has a wrong length");
  EXPECT_EQ(fault_of("GIF89a\n"), "the line does not begin with a colon");
}

TEST(IntelHex, RefusesAddressesThatTheAdapterHasNot) {
  const std::string beyond =
      ":02"
      "3FFF"
      "00"
      "0000"
      "C0\n" +
      std::string(kEnd);
  EXPECT_EQ(fault_of(beyond), "the address is beyond the memory of this adapter");
  EXPECT_EQ(fault_of(beyond, 0x4001), "");
  EXPECT_EQ(fault_of(":020000040001F9\n" + std::string(kEnd)),
            "the record is of a kind that this adapter cannot have");
}

TEST(IntelHex, RefusesAFileThatIsNotWhole) {
  EXPECT_EQ(fault_of(""), "the end record is missing");
  EXPECT_EQ(fault_of(":0100000001FE\n"), "the end record is missing");
  EXPECT_EQ(fault_of(kEnd), "there is no data in it");
  EXPECT_EQ(fault_of(":0100000001FE\n" + std::string(kEnd) + ":0100000001FE\n"),
            "something follows the end record");
  EXPECT_EQ(fault_of(std::string(kMostHexText + 1, '\n')), "the file is too long");
}

TEST(IntelHex, SaysTheLine) {
  EXPECT_EQ(parse_intel_hex(":0100000001FE\n\n:0100000001FD\n", kRoom).line, 3U);
}

}  // namespace
}  // namespace visa::drivers::gpib::agilent
