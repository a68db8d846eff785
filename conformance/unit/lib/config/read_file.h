// SPDX-License-Identifier: MIT
// Reads one configuration file from a text and looks at what became of its mistakes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/config/config_reader.h"

namespace visa::config {

using testing::HasSubstr;

inline constexpr char kGood[] = "[[resource]]\nname = 'TCPIP::10.0.0.9::1234::SOCKET'\n";

class ReadFile : public testing::Test {
 protected:
  FileEntries read(const std::string& text) {
    ProblemLog log;
    FileEntries entries = read_entries(text, "f.toml", log);
    complete = log.complete();
    problems = log.lines();
    return entries;
  }
  /// The text has one mistake, told with `why`, and a good entry after it.
  FileEntries one_mistake(const std::string& text, const std::string& why) {
    FileEntries entries = read(text + kGood);
    EXPECT_FALSE(complete) << text;
    EXPECT_EQ(problems.size(), 1u) << testing::PrintToString(problems);
    if (!problems.empty()) {
      EXPECT_THAT(problems[0], HasSubstr(why));
      EXPECT_THAT(problems[0], testing::StartsWith("f.toml:"));
    }
    EXPECT_FALSE(entries.resources.empty());
    if (!entries.resources.empty()) {
      EXPECT_EQ(entries.resources.back().name, "TCPIP0::10.0.0.9::1234::SOCKET");
    }
    return entries;
  }
  FileEntries good(const std::string& text) {
    FileEntries entries = read(text);
    EXPECT_TRUE(complete);
    EXPECT_THAT(problems, testing::IsEmpty());
    return entries;
  }

  bool complete = true;
  std::vector<std::string> problems;
};

}  // namespace visa::config
