// SPDX-License-Identifier: MIT
#include "tools/freevisa/answer_text.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace visa::tool {
namespace {

TEST(AnswerText, TextIsAnAnswerAndEverythingElseData) {
  EXPECT_EQ(answer_json({"*OPC?", "1\n", 0.5}),
            R"({"command":"*OPC?","answer":"1","bytes":2,"seconds":0.5})");
  EXPECT_EQ(answer_json({"", "#13\x01\x02\x03\n", 0.5}),
            R"({"data":"AQID","bytes":3,"seconds":0.5})");
  EXPECT_EQ(answer_json({"", "\xFF", 0}), R"({"data":"/w==","bytes":1,"seconds":0})");
}

TEST(AnswerText, BytesThatWereCountedAreAllThere) {
  Answer counted{"", "#13abc\n*", 0.5, true};
  EXPECT_EQ(answer_json(counted), R"({"answer":"#13abc\n*","bytes":8,"seconds":0.5})");
  for (const AnswerForm form : {AnswerForm::line, AnswerForm::binary, AnswerForm::raw}) {
    const std::string file = ::testing::TempDir() + "counted_" + std::to_string(::getpid());
    AnswerOutput out(file);
    write_answer(out, counted, form);
    out.finish();
    std::ifstream stream(file, std::ios::binary);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), counted.bytes);
    std::filesystem::remove(file);
  }
  counted.bytes = "\xFF";
  EXPECT_EQ(answer_json(counted), R"({"data":"/w==","bytes":1,"seconds":0.5})");
}

TEST(AnswerText, TextHasNoControlCharactersButThoseOfLines) {
  EXPECT_TRUE(is_text("5 \xC2\xB5V\r\n\t"));
  EXPECT_TRUE(is_text(""));
  EXPECT_FALSE(is_text("\x1b[2J"));
  EXPECT_FALSE(is_text(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace visa::tool
