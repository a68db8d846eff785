// SPDX-License-Identifier: MIT
#include "tools/sim/control/json.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::sim {
namespace {

// The value as JSON again, or the fault.
std::string again(std::string_view text) {
  const JsonReading reading = parse_json(text);
  return reading.fault.empty() ? json_text(reading.value) : reading.fault;
}

TEST(Json, ValuesComeBack) {
  EXPECT_EQ(again(" { \"a\" : [ 1 , -2.5e3 , true , false , null , \"x\" , {} , [] ] } "),
            "{\"a\":[1,-2500.0,true,false,null,\"x\",{},[]]}");
  EXPECT_EQ(again("0.1"), "0.1");
  EXPECT_EQ(again("[18446744073709551615,-9223372036854775808,0e-999]"),
            "[18446744073709551615,-9223372036854775808,0.0]");
  EXPECT_EQ(again("{\"z\":1,\"a\":{\"y\":2,\"b\":3},\"m\":[{\"k\":[]},4]}"),
            "{\"z\":1,\"a\":{\"y\":2,\"b\":3},\"m\":[{\"k\":[]},4]}");
  EXPECT_EQ(again("\"\""), "\"\"");
}

TEST(Json, EscapesAreCharacters) {
  EXPECT_EQ(again(R"("\"\\\/\n\t\u0041\u00e4\u20ac\ud83d\ude00")"),
            "\"\\\"\\\\/\\n\\tA\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  EXPECT_EQ(parse_json("\"a\\u0000b\"").value, std::string("a\0b", 3));
}

TEST(Json, AnythingElseIsRefusedWithItsPlace) {
  EXPECT_EQ(again(""), "expected a value at byte 1");
  EXPECT_EQ(again("{"), "expected a key in quotes at byte 2");
  EXPECT_EQ(again("{\"a\" 1}"), "expected ':' at byte 6");
  EXPECT_EQ(again("{\"a\":1,}"), "expected a key in quotes at byte 8");
  EXPECT_EQ(again("[1 2]"), "expected ',' or ']' at byte 4");
  EXPECT_EQ(again("1 x"), "expected the end of the line at byte 3");
  EXPECT_EQ(again("\"a"), "expected '\"' at the end of the string at byte 3");
  EXPECT_EQ(again("\"\\x\""), "expected an escape of JSON after the backslash at byte 3");
  EXPECT_EQ(again("{\"a\":1,\"a\":2}").find("expected each key once"), 0U);
  for (const char* const text :
       {"01", "+1", ".5", "1.", "1e", "tru", "nul", "'a'", "NaN", "\"\\ud800\"", "\"\\udc00\"",
        "\"\\u12\"", "\"\n\"", "1e999", "-1e999", "1e-999", "[,]", "{1:2}", "\"\\u+123\""}) {
    EXPECT_EQ(again(text).find("expected "), 0U) << text;
  }
}

TEST(Json, KeysComeOnce) {
  EXPECT_EQ(again("{\"a\":1,\"b\":{\"a\":2,\"b\":3,\"a\":4}}"),
            "expected each key once instead of 'a' again");
  EXPECT_EQ(again("[{\"a\":1},{\"a\":1}]"), "[{\"a\":1},{\"a\":1}]");
  EXPECT_LT(
      again("{\"" + std::string(9999, 'k') + "\":1,\"" + std::string(9999, 'k') + "\":1}").size(),
      200U);
}

TEST(Json, NothingComesAfterTheValue) {
  for (const std::string& rest :
       {std::string("\0", 1), std::string("\0{}", 3), std::string(" \0 x", 4), std::string("{}"),
        std::string("//"), std::string("/**/"), std::string(",")}) {
    EXPECT_EQ(again("{\"a\":1}" + rest).find("expected the end of the line at byte "), 0U) << rest;
  }
}

TEST(Json, StringsAreUtf8) {
  EXPECT_EQ(again("\"\xC3\xA4\xF0\x9F\x98\x80\x7F\""), "\"\xC3\xA4\xF0\x9F\x98\x80\x7F\"");
  for (const char* const text : {"\"\xE4\"", "\"\xC3\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"",
                                 "\"\xF4\x90\x80\x80\"", "{\"\xFF\":1}"}) {
    EXPECT_EQ(again(text).find("expected "), 0U) << text;
    EXPECT_EQ(json_text(parse_json(text).fault).find('\n'), std::string::npos);
  }
  EXPECT_EQ(json_text(Json("a\xC3")), "\"a\xEF\xBF\xBD\"") << "a character cut in two";
}

TEST(Json, FaultsDoNotRepeatTheText) {
  const std::string longest(60000, 'x');
  for (const std::string& text :
       {longest, "\"" + longest, "{\"" + longest, "[\"" + longest + "\\q\"]",
        "1" + std::string(60000, '0'), "0." + std::string(60000, '0') + "1"}) {
    EXPECT_EQ(again(text).find("expected "), 0U);
    EXPECT_LT(again(text).size(), 200U) << again(text);
  }
}

TEST(Json, DepthIsBounded) {
  EXPECT_EQ(again(std::string(16, '[') + std::string(16, ']')),
            std::string(16, '[') + std::string(16, ']'));
  EXPECT_EQ(again(std::string(1000000, '[')).find("expected values that are nested"), 0U);
  std::string objects = "1";
  for (int i = 0; i < 16; ++i) objects = "{\"a\":" + objects + "}";
  EXPECT_EQ(again(objects), objects);
  EXPECT_EQ(again("[" + objects + "]").find("expected values that are nested"), 0U);
}

}  // namespace
}  // namespace visa::sim
