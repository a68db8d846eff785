// SPDX-License-Identifier: MIT
#include "tools/freevisa/json_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace visa::tool {
namespace {

TEST(JsonText, StringsAreEscapedAndAlwaysUtf8) {
  EXPECT_EQ(json_string("a\"b\\\n\x01"), "\"a\\\"b\\\\\\n\\u0001\"");
  EXPECT_EQ(json_string("\xC2\xB5\xFF"), "\"\xC2\xB5\xEF\xBF\xBD\"");
}

TEST(JsonText, NumbersAreReadBackAsTheyWere) {
  EXPECT_EQ(json_number(0.1), "0.1");
  EXPECT_EQ(json_number(-1e300), "-1e+300");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonText, ObjectsKeepTheOrderOfTheirMembers) {
  EXPECT_EQ(JsonObject().text("b", "x").integer("a", -3).boolean("c", false).str(),
            R"({"b":"x","a":-3,"c":false})");
  EXPECT_EQ(json_array({"1", "\"a\""}), R"([1,"a"])");
  EXPECT_EQ(json_array({}), "[]");
}

TEST(JsonText, Base64OfEveryRemainder) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("\xFF\xFE\xFD"), "//79");
}

}  // namespace
}  // namespace visa::tool
