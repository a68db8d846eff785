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

TEST(ProblemLog, AFileAsAWholeIsLostWithoutAPlaceOrWhereItCannotBeParsed) {
  ProblemLog log;
  log.harmless({}, "not looked at");
  log.lost({1, 1}, "an entry");
  EXPECT_TRUE(log.every_file_read());
  ProblemLog placeless;
  placeless.lost({}, "cannot be read");
  EXPECT_FALSE(placeless.every_file_read());
  EXPECT_FALSE(placeless.complete());
  log.unread({7, 2}, "no TOML");
  EXPECT_FALSE(log.every_file_read());
}

TEST(ProblemLog, TheLossIsTheFirstOneButAWholeFileComesBeforeAnEntry) {
  ProblemLog log;
  log.enter("f");
  EXPECT_EQ(log.loss(), "");
  log.harmless({1, 1}, "a newer key");
  EXPECT_EQ(log.loss(), "");
  log.lost({2, 1}, "an entry");
  EXPECT_EQ(log.loss(), "f:2:1: an entry");
  log.lost({3, 1}, "another");
  EXPECT_EQ(log.loss(), "f:2:1: an entry (and 1 more)");
  log.unread({4, 1}, "no TOML");
  log.lost({}, "cannot be read");
  EXPECT_EQ(log.loss(), "f:4:1: no TOML (and 3 more)");
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
