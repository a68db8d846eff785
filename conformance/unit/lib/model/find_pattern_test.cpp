// SPDX-License-Identifier: MIT
// The regular expression alone: operators, refusals, and work that stays linear for hostile
// patterns.
#include "lib/model/find_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::model {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  const auto parsed = FindPattern::parse(pattern);
  EXPECT_TRUE(parsed.has_value()) << pattern;
  return parsed.has_value() && parsed->matches(name);
}

TEST(FindPattern, OperatorsMeanWhatTheStandardSays) {
  EXPECT_TRUE(matches("a?c", "axc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("ab*c", "ac"));
  EXPECT_TRUE(matches("ab*c", "abbbc"));
  EXPECT_TRUE(matches("ab+c", "abbc"));
  EXPECT_FALSE(matches("ab+c", "ac"));
  EXPECT_TRUE(matches("(ab)+", "abab"));
  EXPECT_FALSE(matches("(ab)+", "aba"));
  EXPECT_TRUE(matches("a(b|cd)e", "acde"));
  EXPECT_TRUE(matches("ab|cd", "ab"));
  EXPECT_TRUE(matches("ab|cd", "cd"));
  EXPECT_FALSE(matches("ab|cd", "abd")) << "| binds weakest";
  EXPECT_TRUE(matches("a|b|c", "c"));
  EXPECT_TRUE(matches("(a|b)*c", "abbac"));
  EXPECT_TRUE(matches("a**", "aaa"));
  EXPECT_TRUE(matches("a+*", ""));
}

TEST(FindPattern, DotCaretAndDollarAreOrdinary) {
  EXPECT_TRUE(matches("^a.b$", "^a.b$"));
  EXPECT_FALSE(matches("a.b", "axb"));
}

TEST(FindPattern, ListsHoldCharactersAndRanges) {
  EXPECT_TRUE(matches("[abc]", "b"));
  EXPECT_FALSE(matches("[abc]", "d"));
  EXPECT_TRUE(matches("[0-9a-f]+", "7F"));
  EXPECT_TRUE(matches("[^0-9]", "x"));
  EXPECT_FALSE(matches("[^0-9]", "5"));
  EXPECT_TRUE(matches("[a-]", "-"));
  EXPECT_TRUE(matches("[-a]", "-"));
  EXPECT_TRUE(matches("[?*+|(){}.]+", "?*+|(){}."));
  EXPECT_TRUE(matches("[\\]\\\\\\^]+", "]\\^"));
  EXPECT_TRUE(matches("[a^]", "^"));
  EXPECT_TRUE(matches("[\x80-\xFF]", "\xC3"));
}

TEST(FindPattern, BackslashMakesACharacterLiteral) {
  EXPECT_TRUE(matches("\\?\\*\\+\\|\\(\\)\\[\\]\\{\\}\\\\", "?*+|()[]{}\\"));
  EXPECT_TRUE(matches("\\a", "A"));
}

TEST(FindPattern, CaseDoesNotMatter) {
  EXPECT_TRUE(matches("GPIB", "gpib"));
  EXPECT_TRUE(matches("[a-c]", "B"));
  EXPECT_TRUE(matches("[A-C]", "b"));
  EXPECT_FALSE(matches("[^a-c]", "B"));
}

TEST(FindPattern, WholeNamesMatchOnly) {
  EXPECT_FALSE(matches("GPIB", "GPIB0"));
  EXPECT_FALSE(matches("PIB0", "GPIB0"));
  EXPECT_TRUE(matches("a*", ""));
}

TEST(FindPattern, MalformedPatternsAreRefused) {
  for (const std::string_view pattern :
       {"",      "*",    "+",  "*a",   "a|*",  "(*a)", "(",  ")",   "a)", "(a",
        "()",    "a|",   "|a", "(a|)", "[",    "]",    "[]", "[^]", "[a", "[a-",
        "[9-0]", "[]a]", "\\", "a\\",  "[a\\", "{",    "}",  "a{",  "a}"}) {
    EXPECT_FALSE(FindPattern::parse(pattern).has_value()) << pattern;
  }
}

TEST(FindPattern, SizeAndDepthAreBounded) {
  const std::string fits(FindPattern::kMaxStates - 1, 'a');
  EXPECT_TRUE(FindPattern::parse(fits).has_value());
  EXPECT_FALSE(FindPattern::parse(fits + "a").has_value());
  EXPECT_FALSE(FindPattern::parse(std::string(1 << 20, '?')).has_value());
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(FindPattern::parse(nested(FindPattern::kMaxDepth)).has_value());
  EXPECT_FALSE(FindPattern::parse(nested(FindPattern::kMaxDepth + 1)).has_value());
  EXPECT_FALSE(FindPattern::parse(std::string(1 << 20, '(')).has_value());
}

// Backtracking would take 2^n steps on these; here each state is visited once per character.
TEST(FindPattern, HostilePatternsStayLinear) {
  const std::string many_a(255, 'a');
  for (const std::string& pattern : {std::string("(((a*)*)*)*b"), std::string("(a*)*(a*)*(a*)*c"),
                                     std::string("(a|a)*b"), std::string("(a|?)*(a|?)*(a|?)*b"),
                                     std::string("((a+)+)+b"), std::string("(?*?*?*?*?*)*x"), [] {
                                       std::string optional;
                                       for (int i = 0; i < 300; ++i) {
                                         optional += "(a*|?)";
                                       }
                                       return optional + "zz";
                                     }()}) {
    const auto parsed = FindPattern::parse(pattern);
    ASSERT_TRUE(parsed.has_value()) << pattern;
    std::uint64_t steps = 0;
    EXPECT_FALSE(parsed->matches(many_a, &steps)) << pattern;
    EXPECT_GT(steps, 0U);
    EXPECT_LE(steps, parsed->state_count() * (many_a.size() + 1)) << pattern;
  }
}

}  // namespace
}  // namespace visa::model
