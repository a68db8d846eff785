// SPDX-License-Identifier: MIT
// Values for drivers and finders: the types they may have, and their places.
#include "lib/config/setting_values.h"

#include <gtest/gtest.h>

namespace visa::config {
namespace {

TEST(SettingValues, KeepTheirTypeAndPlace) {
  const auto document = tomlio::parse_toml("a = true\nb = -3\nc = 0.5\nd = 'x'\nname = 'n'\n");
  ASSERT_TRUE(document.good);
  ProblemLog problems;
  const auto settings = read_setting_table(document.root, "name", "f.toml", problems);
  EXPECT_TRUE(problems.complete());
  ASSERT_EQ(settings.size(), 4u);
  EXPECT_EQ(std::get<bool>(settings.at("a")), true);
  EXPECT_EQ(std::get<std::int64_t>(settings.at("b")), -3);
  EXPECT_EQ(std::get<double>(settings.at("c")), 0.5);
  EXPECT_EQ(std::get<std::string>(settings.at("d")), "x");
  EXPECT_EQ(settings.at("d").origin, "f.toml:4");
}

TEST(SettingValues, WhatHasNoTypeOfASettingIsToldAndLeftOut) {
  const auto document =
      tomlio::parse_toml("a = [1]\nb = { c = 1 }\nd = 12:00:00\ne = \"a\\u0000\"\nf = 1\n");
  ASSERT_TRUE(document.good);
  ProblemLog problems;
  const auto settings = read_setting_table(document.root, "", "f.toml", problems);
  EXPECT_EQ(settings.size(), 1u);
  EXPECT_EQ(problems.lines().size(), 4u);
}

}  // namespace
}  // namespace visa::config
