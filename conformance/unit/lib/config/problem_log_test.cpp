// SPDX-License-Identifier: MIT
#include "lib/config/problem_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace visa::config {
namespace {

TEST(ProblemLog, LineNamesFileLineAndColumn) {
  ProblemLog log;
  log.enter("/etc/a.toml");
  log.lost({12, 3}, "cause");
  log.enter("b");
  log.lost({}, "the whole file");
  EXPECT_THAT(log.lines(), testing::ElementsAre("/etc/a.toml:12:3: cause", "b: the whole file"));
}

TEST(ProblemLog, HarmlessLinesLeaveItComplete) {
  ProblemLog log;
  EXPECT_TRUE(log.complete());
  log.harmless({1, 1}, "a newer key");
  EXPECT_TRUE(log.complete());
  log.lost({1, 1}, "a bad one");
  EXPECT_FALSE(log.complete());
}

TEST(ProblemLog, IsBoundedAndCountsTheRest) {
  ProblemLog log;
  for (int i = 0; i < 100'000; ++i) log.harmless({1, 1}, "x");
  log.lost({1, 1}, "late");
  EXPECT_EQ(log.lines().size(), ProblemLog::kMostLines + 1);
  EXPECT_EQ(log.lines().back(), "and 99901 more problems");
  EXPECT_FALSE(log.complete());  // counted though not shown
}

TEST(InQuotes, IsShortAndPrintable) {
  EXPECT_EQ(in_quotes("dmm"), "\"dmm\"");
  EXPECT_EQ(in_quotes(std::string_view("a\n\0\x1B\xC3\xA4", 6)), "\"a?????\"");
  EXPECT_EQ(in_quotes(std::string(5000, 'x')).size(), 85u);
}

}  // namespace
}  // namespace visa::config
