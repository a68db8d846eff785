// SPDX-License-Identifier: MIT
#include "tools/freevisa/picture_data.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::tool {
namespace {

const std::string kPng = std::string("\x89PNG\r\n\x1a\n", 8) +
                         std::string("\0\0\0\3IHDRabc####", 15) +
                         std::string("\0\0\0\0IEND####", 12);

TEST(PictureData, EndingGoesByTheFirstBytes) {
  EXPECT_EQ(picture_ending(kPng), ".png");
  EXPECT_EQ(picture_ending("BM..."), ".bmp");
  EXPECT_EQ(picture_ending("\xFF\xD8\xFF\xE0"), ".jpg");
  EXPECT_EQ(picture_ending("GIF89a"), ".gif");
  EXPECT_EQ(picture_ending("MM\0*"), ".tif");
  EXPECT_EQ(picture_ending("1.25\n"), "");
  EXPECT_EQ(picture_ending(""), "");
}

TEST(PictureData, PngIsAskedForPieceByPieceAndNeverTooMuch) {
  for (std::size_t size = 0; size < kPng.size(); ++size) {
    const auto extent = picture_extent(std::string_view(kPng).substr(0, size));
    ASSERT_TRUE(extent);
    EXPECT_FALSE(extent->whole) << size;
    EXPECT_GT(extent->bytes, size);
    EXPECT_LE(extent->bytes, kPng.size());
  }
  const auto extent = picture_extent(kPng + "\n");
  ASSERT_TRUE(extent);
  EXPECT_TRUE(extent->whole);
  EXPECT_EQ(extent->bytes, kPng.size());
}

TEST(PictureData, BmpTellsItsLength) {
  const std::string bmp = std::string("BM\x14\0\0\0", 6) + std::string(14, 'x');
  EXPECT_EQ(picture_extent(bmp.substr(0, 9))->bytes, 14U);
  EXPECT_EQ(picture_extent(bmp.substr(0, 15))->bytes, 20U);
  EXPECT_FALSE(picture_extent(bmp.substr(0, 19))->whole);
  EXPECT_TRUE(picture_extent(bmp)->whole);
}

TEST(PictureData, LengthsThatCannotBeAreNotBelieved) {
  EXPECT_FALSE(picture_extent(kPng.substr(0, 8) + "\xFF\xFF\xFF\xFFIDAT"));
  EXPECT_FALSE(picture_extent(std::string("BM\1\0\0\0", 6) + std::string(14, 'x')));
  EXPECT_FALSE(picture_extent("BM\xFF\xFF\xFF\xFF" + std::string(14, 'x')));
  EXPECT_FALSE(picture_extent("-113,\"Undefined header\"\n"));
}

}  // namespace
}  // namespace visa::tool
