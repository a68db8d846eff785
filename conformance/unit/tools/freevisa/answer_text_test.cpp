// SPDX-License-Identifier: MIT
#include "tools/freevisa/answer_text.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TEST(AnswerText, TextIsAnAnswerAndEverythingElseData) {
  EXPECT_EQ(answer_json({"*OPC?", "1\n", 0.5}),
            R"({"command":"*OPC?","answer":"1","bytes":2,"seconds":0.5})");
  EXPECT_EQ(answer_json({"", "#13\x01\x02\x03\n", 0.5}),
            R"({"data":"AQID","bytes":3,"seconds":0.5})");
  EXPECT_EQ(answer_json({"", "\xFF", 0}), R"({"data":"/w==","bytes":1,"seconds":0})");
}

TEST(AnswerText, TextHasNoControlCharactersButThoseOfLines) {
  EXPECT_TRUE(is_text("5 \xC2\xB5V\r\n\t"));
  EXPECT_TRUE(is_text(""));
  EXPECT_FALSE(is_text("\x1b[2J"));
  EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace visa::tool
