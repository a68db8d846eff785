// SPDX-License-Identifier: MIT
// The keys of [settings]: types, ranges, and what becomes of the two older ones.
#include "lib/config/library_settings.h"

#include "conformance/unit/lib/config/read_file.h"

namespace visa::config {
namespace {

using LibrarySettings = ReadFile;

TEST_F(LibrarySettings, OlderSpellingOfTheSearchFillsTheTableOfItsFinder) {
  const auto entries =
      good("[settings]\nlan_discovery = false\nfind_timeout_ms = 300\nlan_cache_s = 0\n");
  Settings settings;
  EXPECT_LE(settings.find_timeout_ms, 1000);
  for (const auto& entry : entries.settings) entry.apply(settings);
  EXPECT_EQ(settings.find_timeout_ms, 300);
  const auto& lan = entries.finders.at("lan");
  ASSERT_EQ(lan.size(), 2u);
  EXPECT_FALSE(std::get<bool>(lan.at("search")));
  EXPECT_EQ(lan.at("search").origin, "f.toml:2");
  EXPECT_EQ(std::get<std::int64_t>(lan.at("cache_s")), 0);
  EXPECT_EQ(lan.at("cache_s").origin, "f.toml:4");
  one_mistake("[settings]\nlan_discovery = 0\n", "true or false");
  one_mistake("[settings]\nlan_discovery = 'no'\n", "true or false");
  one_mistake("[settings]\nfind_timeout_ms = 0\n", "a whole number, 50 to 60000");
  one_mistake("[settings]\nfind_timeout_ms = true\n", "a whole number");
  one_mistake("[settings]\nlan_cache_s = -1\n", "a whole number, 0 to 3600");
}

TEST_F(LibrarySettings, TableOfTheFinderWinsOverTheOlderSpellingWhereverItStands) {
  const std::string older = "[settings]\nlan_discovery = false\nlan_cache_s = 7\n";
  const std::string table = "[finder.lan]\nsearch = true\n";
  for (const auto& text : {older + table, table + older}) {
    const auto entries = good(text);
    const auto& lan = entries.finders.at("lan");
    EXPECT_TRUE(std::get<bool>(lan.at("search")));
    EXPECT_EQ(std::get<std::int64_t>(lan.at("cache_s")), 7);
  }
  EXPECT_TRUE(good("[settings]\nfind_timeout_ms = 300\n").finders.empty());
}

TEST_F(LibrarySettings, SettingsHaveRanges) {
  for (const std::string value : {"0", "-5", "600001", "'700'", "1.5", "true"}) {
    const auto entries =
        one_mistake("[settings]\nconnect_timeout_ms = " + value + "\n", "1 to 600000");
    EXPECT_TRUE(entries.settings.empty()) << value;
  }
}

TEST_F(LibrarySettings, SignalsEndCallsOnlyOnDemand) {
  Settings settings;
  EXPECT_FALSE(settings.abort_on_signal);
  for (const auto& entry : good("[settings]\nabort_on_signal = true\n").settings) {
    entry.apply(settings);
  }
  EXPECT_TRUE(settings.abort_on_signal);
  one_mistake("[settings]\nabort_on_signal = 1\n", "true or false");
}

TEST_F(LibrarySettings, WhatFormatsMeanIsAChoice) {
  for (const std::string value : {"48", "31", "65", "'64'", "true"}) {
    one_mistake("[settings]\nformatted_long = " + value + "\n", "32 or 64");
  }
  for (const std::string value : {"1", "'yes'"}) {
    one_mistake("[settings]\nformatted_long_double = " + value + "\n", "true or false");
  }
}

}  // namespace
}  // namespace visa::config
