// SPDX-License-Identifier: MIT
#include "lib/toml/toml_guard.h"

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

void harmless(const std::string& text) {
  const auto fault = find_text_fault(text);
  EXPECT_FALSE(fault) << text.substr(0, 80) << ": " << fault->reason << " " << fault->place.line
                      << ":" << fault->place.column;
}

void fault(const std::string& text, const std::string& reason, Place place) {
  const auto found = find_text_fault(text);
  ASSERT_TRUE(found) << text.substr(0, 80);
  EXPECT_THAT(std::string(found->reason), HasSubstr(reason)) << text.substr(0, 80);
  EXPECT_EQ(found->place.line, place.line) << text.substr(0, 80);
  EXPECT_EQ(found->place.column, place.column) << text.substr(0, 80);
}

TEST(TomlGuard, OrdinaryTextPasses) {
  harmless("");
  harmless("\xEF\xBB\xBF# of Windows\r\na = 1\r\n");
  harmless(
      "a = \"x\" # c\n'b'.\"c\" = ['d', \"e\\\"\", '''f'g\n''', \"\"\"h\\\n  i\"\"\"\"\"]\n[t]\n");
  harmless("a = { b = 'c', d = 'e' }\n[[\"f\"]]\n");
  harmless("a = ''\nb = \"\"\nc = ''''''\nd = \"\"\"\"\"\"\ne = '''''x'''''\n");
}

TEST(TomlGuard, CharactersOutsideAsciiBelongIntoStringsAndComments) {
  harmless("a = 'gr\xC3\xB6\xC3\x9F' # \xD1\xA0\nb = \"\"\"\xD1\xA0\n\xD1\xA0\"\"\"\n");
  fault("a = 1\ngr\xC3\xB6sse = 2\n", "not ASCII", {2, 3});
  fault("a = 0\xD1\xA0\n", "not ASCII", {1, 6});
  fault("a = 'x' \xC2\xA0\n", "not ASCII", {1, 9});
  fault("\xEF\xBB\xBF\xEF\xBB\xBF", "not ASCII", {1, 1});
  fault("a = \"\"\"x\\\n  \xC3\xB6\"\"\"\n", "not ASCII", {2, 3});  // tested for white space there
}

TEST(TomlGuard, KeyOfManyPartsIsAFault) {
  harmless(repeat("a.", 31) + "a = 1\n");
  fault(repeat("a.", 32) + "a = 1\n", "32 parts", {1, 64});
  fault("x = 1\n[" + repeat("\"a#,=\".", 100'000) + "a]\n", "32 parts", {2, 225});
  fault("x = [\"\"\"\n# \"\"\", {" + repeat("a . ", 200'000) + "a = 1}]\n", "32 parts", {2, 135});
}

TEST(TomlGuard, DotsElsewhereDoNotCount) {
  harmless("# " + repeat(".", 500) + "\n");
  harmless("a = '" + repeat(".", 500) + "'\n");
  harmless("a = [" + repeat("1.5, ", 500) + "]\n");
  harmless(repeat("a.b.c = 1.5\n", 500));
}

TEST(TomlGuard, StringThatDoesNotEndIsAFault) {
  fault("a = 1\nb = \"x\nc = 2\n", "does not end", {2, 5});
  fault("a = 'x", "does not end", {1, 5});
  fault("a = \"x\\", "does not end", {1, 5});
  fault("a = \"x\\\"\n", "does not end", {1, 5});
  EXPECT_TRUE(find_text_fault("a = \"\"\"x\n\n"));
  EXPECT_TRUE(find_text_fault("a = '''x''\n"));
  EXPECT_TRUE(find_text_fault("a = \"\"\"x\\"));
}

// Else a quote could open a string here and not in the parser, or the other way round.
TEST(TomlGuard, StringsStandOnlyWhereStringsCan) {
  fault("a = b\"\xC3\xB6\"\n", "where none is allowed", {1, 6});
  fault("a 'b' = 1\n", "where none is allowed", {1, 3});
  fault("a = 'b' 'c'\n", "where none is allowed", {1, 9});
  fault("a = 'b' c\n", "after a string", {1, 9});
  fault("a = ''''''''''\n", "where none is allowed", {1, 13});
}

}  // namespace
}  // namespace visa::tomlio
