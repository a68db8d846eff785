// SPDX-License-Identifier: MIT
// Blocks and raw data: worked examples 15 to 19 of the fact sheet, every size of element in both
// orders, what ends a block, and that data goes where the program wants it and nowhere else.
#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "conformance/unit/lib/format/scan_support.h"

namespace visa::format {
namespace {

// What a block conversion with `#` stored: `room` elements of `size` bytes are there.
struct Stored {
  Status status;
  std::int32_t count;
  std::string bytes;    // of the elements counted
  std::size_t touched;  // bytes changed in the memory
  std::string rest;
};

Stored stored(const char* format, const std::string& message, std::int32_t room, std::size_t size,
              std::size_t piece) {
  Stored result{};
  std::string memory(static_cast<std::size_t>(room) * size + 64, '\xA5');
  PieceSource source(message, piece);
  result.count = room;
  result.status = scan_from(source, format, &result.count, memory.data());
  result.touched = memory.find_last_not_of('\xA5') + 1;
  result.bytes = memory.substr(0, static_cast<std::size_t>(result.count) * size);
  result.rest = source.rest();
  return result;
}

std::string native(std::initializer_list<std::uint64_t> values, std::size_t size) {
  std::string bytes;
  for (const std::uint64_t value : values) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t shift = std::endian::native == std::endian::little ? i : size - 1 - i;
      bytes += static_cast<char>(value >> (8 * shift) & 0xFFU);
    }
  }
  return bytes;
}

void expect(const char* format, const std::string& message, std::int32_t room, std::size_t size,
            const std::string& bytes, const std::string& rest) {
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(std::string(format) + " in pieces of " + std::to_string(piece));
    const Stored got = stored(format, message, room, size, piece);
    EXPECT_EQ(got.status, Status::success);
    EXPECT_EQ(got.bytes, bytes);
    EXPECT_EQ(static_cast<std::size_t>(got.count), bytes.size() / size);
    EXPECT_LE(got.touched, static_cast<std::size_t>(room) * size);
    EXPECT_EQ(got.rest, rest);
  }
}

TEST(ScanBlock, WorkedExamples) {
  for (const std::size_t piece : kPieces) {
    PieceSource source("#14ABCD\n", piece);  // 15
    char memory[6] = "-----";
    EXPECT_EQ(scan_from(source, "%4b", memory), Status::success);
    EXPECT_STREQ(memory, "ABCD-");
    EXPECT_EQ(source.rest(), "\n");
  }
  expect("%#b", "#14ABCD\n", 100, 1, "ABCD", "\n");                                       // 16
  expect("%#b", "#0ABC\n", 100, 1, "ABC", "");                                            // 17
  expect("%#hb", std::string("#14\1\2\3\4\n"), 8, 2, native({0x0102, 0x0304}, 2), "\n");  // 18
  for (const std::size_t piece : kPieces) {
    PieceSource source("\1\2", piece);  // 19
    std::array<std::uint16_t, 2> value{0, 0xAAAA};
    EXPECT_EQ(scan_from(source, "%1!olhy", value.data()), Status::success);
    EXPECT_EQ(value, (std::array<std::uint16_t, 2>{0x0201, 0xAAAA}));
  }
}

TEST(ScanBlock, EverySizeOfElementInTheOrderOfTheWire) {
  const std::string eight("\0\0\0\0\0\0\0\x01\x7F\xF0\0\0\0\0\0\0", 16);
  expect("%#llb", "#216" + eight + "\n", 9, 8, native({1, 0x7FF0000000000000}, 8), "\n");
  expect("%#lb", std::string("#18\0\0\1\2\0\0\3\4\n", 12), 9, 4, native({0x0102, 0x0304}, 4), "\n");
  for (const std::size_t piece : kPieces) {
    PieceSource source(std::string("#18\x3F\x80\0\0\xC0\x20\0\0#18\x3F\xF8\0\0\0\0\0\0\n", 23),
                       piece);
    std::array<float, 2> narrow{};
    double wide = 0;
    EXPECT_EQ(scan_from(source, "%2zb%1Zb", narrow.data(), &wide), Status::success);
    EXPECT_EQ(narrow, (std::array<float, 2>{1.0F, -2.5F}));
    EXPECT_EQ(wide, 1.5);
  }
  expect("%#ly", std::string("\0\0\1\2", 4), 1, 4, native({0x0102}, 4), "");
  expect("%#!obly", std::string("\0\0\1\2", 4), 1, 4, native({0x0102}, 4), "");
  expect("%#!olly", std::string("\2\1\0\0", 4), 1, 4, native({0x0102}, 4), "");
}

TEST(ScanBlock, WhatIsMoreThanTheRoomIsReadAndDropped) {
  expect("%#b", "#15ABCDE\n", 3, 1, "ABC", "\n");
  expect("%#b", "#15ABCDE\n", 0, 1, "", "\n");
  expect("%#b", "#0ABCDE\n", 3, 1, "ABC", "");
  expect("%#b", "#0ABCDE\n", 5, 1, "ABCDE", "");
  expect("%#b", "#0ABCDE\n", 6, 1, "ABCDE", "");
  expect("%#b", "#0ABCDE", 9, 1, "ABCDE", "");
  expect("%#b", "#0A\nC\n\n", 3, 1, "A\nC", "");
  expect("%#b", "#0A\nC\n\n", 9, 1, "A\nC\n", "");
  expect("%#y", "ABCDE\n", 3, 1, "ABC", "DE\n");
  expect("%#y", "ABCDE\n", 9, 1, "ABCDE\n", "");
  expect("%#b", "#0\n", 9, 1, "", "");
  expect("%#b", "#10\n", 9, 1, "", "\n");
}

TEST(ScanBlock, AnUnfinishedElementDoesNotCount) {
  expect("%#hb", "#15ABCDE\n", 9, 2, native({0x4142, 0x4344}, 2), "\n");
  expect("%#hb", "#0ABCDE\n", 9, 2, native({0x4142, 0x4344}, 2), "");
  expect("%#hb", "#19ABC\n", 9, 2, native({0x4142, 0x430A}, 2), "");  // END in the block
  expect("%#hy", "ABC", 9, 2, native({0x4142}, 2), "");
}

TEST(ScanBlock, TheMessageMayEndBeforeTheBlock) {
  expect("%#b", "#3100ABC", 100, 1, "ABC", "");
  expect("%#b", "#3100ABC", 2, 1, "AB", "");
  PieceSource source("#3100ABC", 4096, false);
  std::int32_t n = 100;
  char memory[100] = "";
  EXPECT_EQ(scan_from(source, "%#b", &n, memory), Status::error_tmo);
  EXPECT_EQ(n, 3) << "what came is there";
}

TEST(ScanBlock, WhatIsNoBlockIsNotTaken) {
  for (const char* const message : {"ABCD\n", "#\n", "#X12\n", "#-12\n", "#2A1\n", "#21\n",
                                    "#(4)ABCD\n", "#HFF\n", "#", "#9123", "#1"}) {
    expect("%#b", message, 9, 1, "", message);
  }
}

TEST(ScanBlock, WhiteSpaceBeforeTheHeaderAndTextBehindTheBlock) {
  for (const std::size_t piece : kPieces) {
    PieceSource source("CURV #13A\nB;OK 5\n", piece);
    std::int32_t n = 9;
    std::int32_t value = 0;
    char memory[9] = "--------";
    EXPECT_EQ(scan_from(source, "CURV%#b;OK%d", &n, memory, &value), Status::success);
    EXPECT_EQ(std::string(memory, 4), "A\nB-");
    EXPECT_EQ(value, 5);
  }
}

TEST(ScanBlock, SuppressedBlocks) {
  for (const char* const format : {"%*b%d", "%*#b%d", "%*3b%d", "%*hb%d"}) {
    for (const std::size_t piece : kPieces) {
      PieceSource source("#14ABCD 7\n", piece);
      std::int32_t value = 0;
      EXPECT_EQ(scan_from(source, format, &value), Status::success);
      EXPECT_EQ(value, 7) << format;
    }
  }
  PieceSource indefinite("#0ABCD\n", 3);
  EXPECT_EQ(scan_from(indefinite, "%*b"), Status::success);
  EXPECT_TRUE(indefinite.over());
  PieceSource raw("ABCDE\n", 3);
  EXPECT_EQ(scan_from(raw, "%*2hy"), Status::success);
  EXPECT_EQ(raw.rest(), "E\n");
}

TEST(ScanBlock, ABlockOfKnownLengthAsksForItsBytesAndIsNotCopiedTwice) {
  const std::string data(1'000'000, '\n');
  PieceSource source("#71000000" + data + "\n", 4096);
  std::string memory(data.size(), '-');
  EXPECT_EQ(scan_from(source, "%1000000b", memory.data()), Status::success);
  EXPECT_EQ(memory, data);
  EXPECT_EQ(source.waits, 1) << "one look for the header";
  EXPECT_GE(source.copied_directly, data.size() - 4096);
  EXPECT_EQ(source.last_until, ByteSource::Until::count) << "its bytes end nothing";
  PieceSource turned("#71000000" + data + "\n", 4096);
  EXPECT_EQ(scan_from(turned, "%500000hb", memory.data()), Status::success);
  EXPECT_GE(turned.copied_directly, data.size() - 4096);
}

TEST(ScanBlock, ElementsOfALongAre32BitsWhateverTheSettings) {
  scan_settings.long_is_64 = true;
  expect("%#lb", std::string("#14\0\0\1\2\n", 8), 9, 4, native({0x0102}, 4), "\n");
  PieceSource source("1,2\n");
  std::array<std::int64_t, 2> wide{-1, -1};
  EXPECT_EQ(scan_from(source, "%,2ld", wide.data()), Status::success);
  EXPECT_EQ(wide, (std::array<std::int64_t, 2>{1, 2}));
  scan_settings = {};
  PieceSource again("1,2\n");
  std::array<std::int32_t, 3> narrow{-1, -1, -1};
  EXPECT_EQ(scan_from(again, "%,2ld", narrow.data()), Status::success);
  EXPECT_EQ(narrow, (std::array<std::int32_t, 3>{1, 2, -1}));
}

TEST(ScanBlock, RandomBlocksComeBackWhateverThePieces) {
  std::mt19937 random(6);
  const struct {
    const char* format;
    std::size_t size;
    bool raw_little;
  } kKinds[] = {{"%#b", 1, false},   {"%#hb", 2, false},   {"%#lb", 4, false},
                {"%#llb", 8, false}, {"%#zb", 4, false},   {"%#Zb", 8, false},
                {"%#y", 1, false},   {"%#!olly", 4, true}, {"%#!obhy", 2, false}};
  for (int round = 0; round < 600; ++round) {
    const auto& kind = kKinds[random() % std::size(kKinds)];
    const bool raw = kind.format[std::strlen(kind.format) - 1] == 'y';
    std::string data(random() % 300 * kind.size, '\0');
    for (char& byte : data) byte = static_cast<char>(random());
    std::string wire = data;  // on a little-endian machine the wire has each element turned round
    if ((std::endian::native == std::endian::little) != kind.raw_little) {
      for (std::size_t at = 0; at < wire.size(); at += kind.size) {
        std::reverse(wire.begin() + static_cast<std::ptrdiff_t>(at),
                     wire.begin() + static_cast<std::ptrdiff_t>(at + kind.size));
      }
    }
    const std::string length = std::to_string(wire.size());
    std::string header;
    if (!raw) header = random() % 2 != 0 ? "#0" : "#" + std::to_string(length.size()) + length;
    std::string rest = raw ? "" : "\n";
    const Stored got = stored(kind.format, header + wire + rest,
                              static_cast<std::int32_t>(data.size() / kind.size) +
                                  static_cast<std::int32_t>(random() % 3),
                              kind.size, 1 + random() % 400);
    ASSERT_EQ(got.bytes, data) << kind.format << ' ' << header;
    ASSERT_EQ(got.rest, header == "#0" ? "" : rest);
  }
}

}  // namespace
}  // namespace visa::format
