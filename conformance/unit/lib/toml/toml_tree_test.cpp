// SPDX-License-Identifier: MIT
#include "lib/toml/toml_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace visa::tomlio {
namespace {

using testing::HasSubstr;

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

TEST(TomlTree, KeepsValuesWithTheirTypes) {
  const auto document =
      parse_toml("flag = true\nwhole = -7\nreal = 2.5\ntext = 'a'\nlist = [1, 'b']\n");
  ASSERT_TRUE(document.good) << document.error;
  ASSERT_EQ(document.root.size(), 5u);
  EXPECT_EQ(*document.root[0].value.get<bool>(), true);
  EXPECT_EQ(*document.root[1].value.get<std::int64_t>(), -7);
  EXPECT_EQ(*document.root[2].value.get<double>(), 2.5);
  EXPECT_EQ(*document.root[3].value.get<std::string>(), "a");
  const auto& list = *document.root[4].value.get<std::vector<Node>>();
  EXPECT_EQ(*list[0].get<std::int64_t>(), 1);
  EXPECT_EQ(*list[1].get<std::string>(), "b");
}

TEST(TomlTree, KeepsTheOrderAndPlacesOfTheText) {
  const auto document = parse_toml("zebra = 1\n\n  apple = 2\n");
  ASSERT_EQ(document.root.size(), 2u);
  EXPECT_EQ(document.root[0].key, "zebra");
  EXPECT_EQ(document.root[1].key, "apple");
  EXPECT_EQ(document.root[1].place, (Place{3, 3}));
  EXPECT_EQ(document.root[1].value.place, (Place{3, 11}));
}

TEST(TomlTree, DatesHaveAPlaceAndNoValue) {
  const auto document = parse_toml("day = 2024-02-29\n");
  ASSERT_TRUE(document.good);
  EXPECT_NE(document.root[0].value.get<Node::Other>(), nullptr);
}

TEST(TomlTree, SyntaxErrorSaysWhere) {
  const auto document = parse_toml("good = 1\nbad = = 2\n");
  EXPECT_FALSE(document.good);
  EXPECT_TRUE(document.root.empty());
  EXPECT_EQ(document.error_place.line, 2u);
  EXPECT_FALSE(document.error.empty());
}

TEST(TomlTree, TextOfAnyBytesIsNoMoreThanAnError) {
  for (const std::string& text :
       {std::string("\xFF\xFE\0\0", 4), std::string("a = \"\x80\"\n"), std::string(1, '\0'),
        std::string("a = \"unfinished"), std::string("[[["), std::string("a.b.c"),
        repeat("\xEF\xBB\xBF", 3)}) {
    EXPECT_FALSE(parse_toml(text).good) << testing::PrintToString(text);
  }
  EXPECT_TRUE(parse_toml("").good);
  EXPECT_TRUE(parse_toml("\xEF\xBB\xBF# a file of Windows\r\na = 1\r\n").good);
}

// toml++ 3.3 asserts here, or does anything at all where assertions are off.
TEST(TomlTree, TextThatTripsTheParserIsAnErrorWithItsLine) {
  for (const char* trap : {"[[[", "[[[\n", "[[[a]]]\nb = 1\n"}) {
    const auto document = parse_toml("a = 1\n\n" + std::string(trap));
    EXPECT_FALSE(document.good) << trap;
    EXPECT_EQ(document.error_place.line, 3u) << trap;
    EXPECT_FALSE(document.error.empty());
  }
}

TEST(TomlTree, FaultOfTheGuardIsAnErrorWithItsPlace) {
  const auto document = parse_toml("a = 1\n" + repeat("a.", 300'000) + "a = 1\n");
  EXPECT_FALSE(document.good);
  EXPECT_THAT(document.error, HasSubstr("32 parts"));
  EXPECT_EQ(document.error_place.line, 2u);
}

TEST(TomlTree, TextOutsideAsciiIsKeptInStringsAndSkippedInComments) {
  const auto document = parse_toml("a = 'gr\xC3\xB6\xC3\x9F' # \xD1\xA0\n");
  ASSERT_TRUE(document.good) << document.error;
  EXPECT_EQ(*document.root[0].value.get<std::string>(), "gr\xC3\xB6\xC3\x9F");
}

TEST(TomlTree, DeepValuesAreRefused) {
  EXPECT_TRUE(parse_toml("a = " + repeat("[", 10) + repeat("]", 10)).good);
  EXPECT_FALSE(parse_toml("a = " + repeat("[", 17) + repeat("]", 17)).good);
  EXPECT_FALSE(parse_toml("a = " + repeat("[", 500'000)).good);
  EXPECT_FALSE(parse_toml("a = " + repeat("{a=", 200'000)).good);
}

TEST(TomlTree, DeepestAcceptedTextDoesNoHarm) {
  const std::string key = repeat("a.", 31) + "a";
  std::string value = "1";
  for (int i = 0; i < 7; ++i) value = "[\n{" + key + " = " + value + "}]";
  EXPECT_TRUE(parse_toml("[" + key + "]\nb = " + value + "\n").good);
}

}  // namespace
}  // namespace visa::tomlio
