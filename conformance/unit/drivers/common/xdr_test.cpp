// SPDX-License-Identifier: MIT
#include "drivers/common/xdr.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace visa::test {
namespace {

using drivers::XdrReader;
using drivers::XdrWriter;

std::string text_of(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

std::vector<std::byte> wire(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

TEST(XdrWriter, WordsAreFourBytesWithTheHighestFirst) {
  std::array<std::byte, 12> room{};
  XdrWriter writer(room);
  writer.word(0x01020304).boolean(true).word(0xFFFFFFFF);
  EXPECT_TRUE(writer.good());
  EXPECT_EQ(text_of(writer.written()), std::string("\1\2\3\4\0\0\0\1\xFF\xFF\xFF\xFF", 12));
}

TEST(XdrWriter, OpaqueIsLengthBytesAndZeroPadding) {
  std::array<std::byte, 24> room;
  room.fill(std::byte{0xEE});
  XdrWriter writer(room);
  writer.text("abcde").text("").text("wxyz");
  EXPECT_TRUE(writer.good());
  EXPECT_EQ(text_of(writer.written()), std::string("\0\0\0\5abcde\0\0\0\0\0\0\0\0\0\0\4wxyz", 24));
}

TEST(XdrWriter, WhatDoesNotFitIsNotedAndNeverWritten) {
  std::array<std::byte, 11> room{};
  for (const std::size_t size : {0u, 3u, 4u, 7u, 8u, 11u}) {
    room.fill(std::byte{0xEE});
    XdrWriter writer{std::span<std::byte>(room).first(size)};
    writer.text("abcde").word(7);
    EXPECT_FALSE(writer.good());
    EXPECT_LE(writer.written().size(), size);
    for (std::size_t i = size; i < room.size(); ++i) EXPECT_EQ(room[i], std::byte{0xEE});
  }
}

TEST(XdrReader, ReadsBackWhatAWriterWrote) {
  std::array<std::byte, 64> room{};
  XdrWriter writer(room);
  writer.word(42).text("abcde").boolean(true);
  XdrReader reader(writer.written());
  EXPECT_EQ(reader.word(), 42u);
  EXPECT_EQ(text_of(reader.opaque(5)), "abcde");
  EXPECT_EQ(reader.word(), 1u);
  EXPECT_TRUE(reader.good());
  EXPECT_TRUE(reader.rest().empty());
}

TEST(XdrReader, EveryCutShowsAndNothingIsReadBeyondIt) {
  const auto whole = wire(std::string("\0\0\0\5abcde\0\0\0\0\0\0\7", 16));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::vector<std::byte> cut(whole.begin(), whole.begin() + static_cast<long>(size));
    XdrReader reader(cut);
    reader.opaque(100);
    reader.word();
    EXPECT_FALSE(reader.good()) << size;
    EXPECT_LE(reader.offset(), size);
  }
}

TEST(XdrReader, MissingPaddingAtTheEndIsForgiven) {  // what pyvisa-py's issue 225 met
  const auto data = wire(std::string("\0\0\0\5abcde", 9));
  XdrReader reader(data);
  EXPECT_EQ(text_of(reader.opaque(5)), "abcde");
  EXPECT_TRUE(reader.good());
}

TEST(XdrReader, LengthsThatCannotBeSpoilTheReader) {
  for (const std::uint32_t length : {6u, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFCu, 0xFFFFFFFFu}) {
    std::array<std::byte, 9> data{};
    drivers::put_word(data.data(), length);
    XdrReader reader(data);
    EXPECT_TRUE(reader.opaque(0xFFFFFFFF).empty());
    EXPECT_FALSE(reader.good()) << length;
    EXPECT_EQ(reader.word(), 0u);
  }
}

TEST(XdrReader, OpaqueLongerThanAllowedIsRefused) {
  const auto data = wire(std::string("\0\0\0\5abcde\0\0\0", 12));
  XdrReader reader(data);
  EXPECT_TRUE(reader.opaque(4).empty());
  EXPECT_FALSE(reader.good());
}

}  // namespace
}  // namespace visa::test
