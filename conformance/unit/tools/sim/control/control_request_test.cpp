// SPDX-License-Identifier: MIT
// Keys with their types, and bytes as characters.
#include "tools/sim/control/control_request.h"

#include <gtest/gtest.h>

namespace visa::sim {
namespace {

TEST(ControlRequest, KeysAreTakenWithTheirTypes) {
  const Json json = parse_json(R"({"text":"x","number":3,"flag":true,"wrong":1.5})").value;
  Request request(json);
  EXPECT_EQ(*request.text("text"), "x");
  EXPECT_EQ(request.text("missing"), nullptr);
  EXPECT_EQ(request.number("number", 0, 9), 3U);
  EXPECT_EQ(request.number("missing", 0, 9), std::nullopt);
  EXPECT_TRUE(request.boolean("flag", false));
  EXPECT_TRUE(request.boolean("missing", true));
  EXPECT_THROW(request.number("wrong", 0, 9), Refusal);
  EXPECT_THROW(request.number("number", 4, 9), Refusal);
  EXPECT_THROW(request.text("number"), Refusal);
  EXPECT_THROW(request.boolean("text", true), Refusal);
  EXPECT_NO_THROW(request.finish());
}

TEST(ControlRequest, KeysThatNobodyAskedForAreRefused) {
  const Json json = parse_json(R"({"other":1})").value;
  const Request request(json);
  EXPECT_THROW(request.finish(), Refusal);
}

TEST(ControlRequest, BytesAreCharacters) {
  EXPECT_EQ(bytes_of_text("a\xC3\xBF\xC2\x80"), "a\xFF\x80");
  EXPECT_EQ(text_of_bytes("a\xFF\x80"), "a\xC3\xBF\xC2\x80");
  EXPECT_THROW(bytes_of_text("\xC4\x80"), Refusal);
  EXPECT_THROW(bytes_of_text("\xC3"), Refusal);
}

}  // namespace
}  // namespace visa::sim
