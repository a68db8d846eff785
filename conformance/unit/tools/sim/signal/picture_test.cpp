// SPDX-License-Identifier: MIT
// The PNG is taken apart by hand: chunks with their checksums, the stored deflate blocks, the
// points.
#include "tools/sim/signal/picture.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tools/sim/signal/screenshot.h"

namespace visa::sim {
namespace {

std::uint32_t u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  }
  return value;
}

std::map<std::string, std::string> chunks(std::string_view file) {
  std::map<std::string, std::string> found;
  file.remove_prefix(8);
  while (file.size() >= 12) {
    const std::size_t length = u32(file);
    const std::string type(file.substr(4, 4));
    found[type] = file.substr(8, length);
    EXPECT_EQ(u32(file.substr(8 + length)), crc32(file.substr(4, 4 + length))) << type;
    file.remove_prefix(12 + length);
  }
  EXPECT_TRUE(file.empty());
  return found;
}

std::string inflate_stored(std::string_view stream) {
  std::string data;
  EXPECT_EQ(
      (static_cast<unsigned char>(stream[0]) * 256 + static_cast<unsigned char>(stream[1])) % 31,
      0);
  stream.remove_prefix(2);
  bool last = false;
  while (!last) {
    last = stream[0] == 1;
    const std::size_t length = static_cast<unsigned char>(stream[1]) |
                               static_cast<std::size_t>(static_cast<unsigned char>(stream[2])) << 8;
    const std::size_t inverse = static_cast<unsigned char>(stream[3]) |
                                static_cast<std::size_t>(static_cast<unsigned char>(stream[4]))
                                    << 8;
    EXPECT_EQ(length ^ 0xFFFFU, inverse);
    data += stream.substr(5, length);
    stream.remove_prefix(5 + length);
  }
  EXPECT_EQ(u32(stream), adler32(data));
  return data;
}

TEST(Picture, ChecksumsAreThoseOfTheStandards) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(adler32("Wikipedia"), 0x11E60398U);
}

TEST(Picture, PngHoldsThePoints) {
  Picture picture(301, 500);
  picture.point(0, 0, 3);
  picture.point(300, 499, 9);
  picture.point(-1, 0, 5);
  picture.point(301, 500, 5);
  const auto parts = chunks(picture.png({}));
  EXPECT_EQ(u32(parts.at("IHDR")), 301U);
  EXPECT_EQ(u32(parts.at("IHDR").substr(4)), 500U);
  EXPECT_EQ(parts.at("PLTE").size(), 48U);
  const std::string rows = inflate_stored(parts.at("IDAT"));
  ASSERT_EQ(rows.size(), 500U * (1 + 151)) << "more than one stored block";
  EXPECT_EQ(rows[1], '\x30');
  EXPECT_EQ(static_cast<unsigned char>(rows.back()), 0x90);
}

TEST(Picture, TextIsDrawnAndClipped) {
  Picture picture(20, 10);
  picture.text(1, 1, "1~", 7, 1);
  EXPECT_EQ(picture.at(3, 1), 7);
  EXPECT_EQ(picture.at(1, 1), 0);
  picture.text(15, 5, "WWWW", 7, 3);
}

TEST(Engineering, ChoosesThePrefix) {
  EXPECT_EQ(engineering(0.5, "V"), "500 mV");
  EXPECT_EQ(engineering(1, "V"), "1 V");
  EXPECT_EQ(engineering(2e-6, "s"), "2 us");
  EXPECT_EQ(engineering(0, "V"), "0 V");
}

}  // namespace
}  // namespace visa::sim
