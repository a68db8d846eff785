// SPDX-License-Identifier: MIT
#include "tools/freevisa/terminal.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace visa::tool {
namespace {

TEST(Terminal, AFileHasNoColorsAndEightyColumns) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(is_terminal(file));
  EXPECT_EQ(colored(file, Color::red, "text"), "text");
  EXPECT_EQ(terminal_width(file), 80);
  std::fclose(file);
}

TEST(Terminal, ControlCharactersAndBytesThatAreNoTextAreShownAsNumbers) {
  EXPECT_EQ(printable("5 \xC2\xB5V"), "5 \xC2\xB5V");
  EXPECT_EQ(printable("\x1b]0;evil\x07"), "\\x1B]0;evil\\x07");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "\\xC2\\x9B2J")
      << "a C1 control";
  EXPECT_EQ(printable("a\nb\t\xFF"), "a\\x0Ab\\x09\\xFF");
  EXPECT_EQ(printable("a\nb\t\r", true), "a\nb\t\\x0D");
}

TEST(Terminal, Utf8IsRecognisedStrictly) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length("\xE2\x82\xAC"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x9F\x94\xAC"), 4U);
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("\xE2\x82"), 0U) << "cut off";
  EXPECT_EQ(utf8_length("\xC0\xAF"), 0U) << "longer than needed";
  EXPECT_EQ(utf8_length("\xED\xA0\x80"), 0U) << "half of UTF-16";
  EXPECT_EQ(utf8_length("\xF4\x90\x80\x80"), 0U) << "beyond Unicode";
}

}  // namespace
}  // namespace visa::tool
