// SPDX-License-Identifier: MIT
#include "tools/sim/json.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::sim {
namespace {

// The value as JSON again, or the fault.
std::string again(std::string_view text) {
  Json json;
  std::string fault;
  return parse_json(text, json, fault) ? json.text() : fault;
}

TEST(Json, ValuesComeBack) {
  EXPECT_EQ(again(" { \"a\" : [ 1 , -2.5e3 , true , false , null , \"x\" , {} , [] ] } "),
            "{\"a\":[1,-2500,true,false,null,\"x\",{},[]]}");
  EXPECT_EQ(again("0.1"), "0.10000000000000001");
  EXPECT_EQ(again("\"\""), "\"\"");
}

TEST(Json, EscapesAreCharacters) {
  EXPECT_EQ(again(R"("\"\\\/\n\t\u0041\u00e4\u20ac\ud83d\ude00")"),
            "\"\\\"\\\\/\\n\\u0009A\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"");
  Json json;
  std::string fault;
  ASSERT_TRUE(parse_json("\"a\\u0000b\"", json, fault));
  EXPECT_EQ(*json.get<std::string>(), std::string("a\0b", 3));
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
        "\"\\u12\"", "\"\n\"", "1e999", "[,]", "{1:2}", "\"\\u+123\""}) {
    EXPECT_EQ(again(text).find("expected "), 0U) << text;
  }
}

TEST(Json, DepthIsBounded) {
  EXPECT_EQ(again(std::string(16, '[') + std::string(16, ']')),
            std::string(16, '[') + std::string(16, ']'));
  EXPECT_EQ(again(std::string(1000000, '[')).find("expected values that are nested"), 0U);
}

}  // namespace
}  // namespace visa::sim
