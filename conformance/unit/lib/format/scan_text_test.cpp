// SPDX-License-Identifier: MIT
// %s %t %T %c %[: where they end, what they leave, and that nothing is written past the room that
// `#` or a width gives. Every array has a guard after it.
#include <cstdint>
#include <string>

#include "conformance/unit/lib/format/scan_support.h"

namespace visa::format {
namespace {

// What a scan of one string stored, up to where it touched the array.
struct Stored {
  std::string text;     // up to the NUL
  std::size_t touched;  // bytes written, NUL included
  std::int32_t count;   // what `#` answered
  std::string rest;
  Status status;
};

Stored stored(const char* format, const std::string& message, std::size_t piece,
              std::int32_t room = -1) {
  Stored result{};
  std::string memory(5000, '\xA5');
  PieceSource source(message, piece);
  result.count = room;
  result.status = room >= 0 ? scan_from(source, format, &result.count, memory.data())
                            : scan_from(source, format, memory.data());
  result.touched = memory.find_last_not_of('\xA5') + 1;
  result.text = memory.substr(0, memory.find('\0') == std::string::npos ? 0 : memory.find('\0'));
  result.rest = source.rest();
  return result;
}

void expect(const char* format, const std::string& message, const std::string& text,
            const std::string& rest, std::int32_t room = -1) {
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE(std::string(format) + " in pieces of " + std::to_string(piece));
    const Stored got = stored(format, message, piece, room);
    EXPECT_EQ(got.status, Status::success);
    EXPECT_EQ(got.text, text);
    EXPECT_EQ(got.touched, text.size() + 1);
    EXPECT_EQ(got.rest, rest);
    EXPECT_EQ(got.count, room < 0 ? -1 : static_cast<std::int32_t>(text.size()));
  }
}

TEST(ScanText, WidthIsCharactersAndTheNulComesOnTop) {
  expect("%1s", " abc d", "a", " d");
  expect("%3s", "abc d", "abc", " d");
  expect("%4t", "abcdef\nx", "abcd", "");
  expect("%7t", "abcdef\n", "abcdef\n", "");
  expect("%4T", "abcdef\nx", "abcd", "x");
  expect("%4[a-z]", "abcdef\nx", "abcd", "ef\nx");
  expect("%256[^\"]", "No error\"\n", "No error", "\"\n");
}

TEST(ScanText, SizeIsThatOfTheArrayWithTheNulInIt) {
  expect("%#s", "  abcdef gh\n", "abc", " gh\n", 4);
  expect("%#s", "abc gh\n", "abc", " gh\n", 4);
  expect("%#s", "ab gh\n", "ab", " gh\n", 4);
  expect("%#s", "abc gh\n", "", " gh\n", 1);
  expect("%#t", "abcdef\n", "abc", "", 4);
  expect("%#T", "abcdef\ngh\n", "abc", "gh\n", 4);
  expect("%#[a-z]", "abcdef\n", "abc", "def\n", 4);
  expect("%#[a-z]", "abcdef\n", "", "abcdef\n", 1);
}

TEST(ScanText, NoRoomAtAllWritesNothing) {
  for (const char* const format : {"%#s", "%#t", "%#T", "%#[a-z]", "%#c"}) {
    for (const std::int32_t room : {0, -1, -2147483647}) {
      std::int32_t n = room;
      char memory[4] = {'-', '-', '-', '-'};
      PieceSource source("abc\n");
      EXPECT_EQ(scan_from(source, format, &n, memory), Status::success) << format;
      EXPECT_EQ(n, 0);
      EXPECT_EQ(std::string(memory, 4), "----") << format;
    }
  }
}

TEST(ScanText, CharactersAreNotTerminated) {
  for (const std::size_t piece : kPieces) {
    char memory[6] = {'-', '-', '-', '-', '-', '-'};
    PieceSource source(" ab\ncdef\n", piece);
    EXPECT_EQ(scan_from(source, "%5c", memory), Status::success);
    EXPECT_EQ(std::string(memory, 6), " ab\nc-");
    EXPECT_EQ(source.rest(), "def\n");
    std::int32_t n = 6;
    EXPECT_EQ(scan_from(source, "%#c", &n, memory), Status::success);
    EXPECT_EQ(n, 4);
    EXPECT_EQ(std::string(memory, 6), "def\nc-");
    EXPECT_TRUE(source.over());
  }
}

TEST(ScanText, Sets) {
  expect("%[abc]", "cabd", "cab", "d");
  expect("%[]a]", "]a]b", "]a]", "b");
  expect("%[^]a]", "xy]b", "xy", "]b");
  expect("%[a-cx-z]", "abcxyzd", "abcxyz", "d");
  expect("%[-a]", "-a-b", "-a-", "b");
  expect("%[a-]", "-a-b", "-a-", "b");
  expect("%[^\n]", "a b\tc\n", "a b\tc", "\n");
  expect("%[^\\n]", "a b\tc\n", "a b\tc", "\n");  // spelled out
  expect("%[^\t\n]", "ab\tc\n", "ab", "\tc\n");
  expect("%[^\r\n]", "ab\r\n", "ab", "\r\n");
  expect("%[^\\]", "ab\\c", "ab", "\\c");
  expect("%[^,]", "\x80\xFF\x7F,", "\x80\xFF\x7F", ",");
  expect("%[\x80-\xFF]", "\x80\xFF\x7F", "\x80\xFF", "\x7F");
}

TEST(ScanText, WhatIsNotInTheSetIsNotTaken) {
  for (const std::size_t piece : kPieces) {
    PieceSource source("x1\n", piece);
    char memory[4] = "-";
    std::int32_t n = 4;
    EXPECT_EQ(scan_from(source, "%#[0-9]%s", &n, memory, memory), Status::success);
    EXPECT_STREQ(memory, "-");
    EXPECT_EQ(n, 0);
    EXPECT_EQ(source.rest(), "x1\n");
  }
}

TEST(ScanText, BytesOfAnyKindArePartOfAMessage) {
  for (const std::size_t piece : kPieces) {
    const std::string message("a\0b\xFF\n", 5);
    PieceSource source(message, piece);
    std::int32_t n = 9;
    char memory[9] = "--------";
    EXPECT_EQ(scan_from(source, "%#t", &n, memory), Status::success);
    EXPECT_EQ(n, 5);
    EXPECT_EQ(std::string(memory, 5), message);
    EXPECT_EQ(memory[5], '\0');
  }
}

TEST(ScanText, SuppressedTextIsReadAndForgotten) {
  const struct {
    const char* format;
    const char* rest;
  } kRows[] = {{"%*s%d", " line\n"},
               {"%*3s %d", " line\n"},
               {"%*[a-z] %d", " line\n"},
               {"%*2c%*s%d", " line\n"}};
  for (const auto& row : kRows) {
    for (const std::size_t piece : kPieces) {
      PieceSource source("word 12 line\n", piece);
      std::int32_t value = 0;
      EXPECT_EQ(scan_from(source, row.format, &value), Status::success);
      EXPECT_EQ(value, 12) << row.format;
      EXPECT_EQ(source.rest(), row.rest);
    }
  }
  PieceSource lines("one\ntwo\n", 3);
  EXPECT_EQ(scan_from(lines, "%*T"), Status::success);
  EXPECT_EQ(lines.rest(), "two\n");
}

TEST(ScanText, AnAnswerLongerThanAnyBuffer) {
  const std::string message = std::string(100'000, 'x') + "\n";
  for (const char* const format : {"%#s", "%#t", "%#T", "%#[^\n]"}) {
    PieceSource source(message, 1000);
    std::int32_t n = 100'002;
    std::string memory(100'002, '-');
    EXPECT_EQ(scan_from(source, format, &n, memory.data()), Status::success);
    const bool line = format[2] == 't' || format[2] == 'T';
    EXPECT_EQ(memory.substr(0, static_cast<std::size_t>(n)),
              line ? message : message.substr(0, 100'000));
  }
}

}  // namespace
}  // namespace visa::format
