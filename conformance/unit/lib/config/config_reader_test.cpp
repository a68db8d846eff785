// SPDX-License-Identifier: MIT
// One file: what its entries mean, and what becomes of each kind of mistake. The good entries of a
// file with a bad one always count.
#include "lib/config/config_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace visa::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kGood[] = "[[resource]]\nname = 'TCPIP::10.0.0.9::1234::SOCKET'\n";

class ConfigReader : public testing::Test {
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

TEST_F(ConfigReader, WholeExample) {
  const auto entries = good(R"(
[settings]
connect_timeout_ms = 700

[[resource]]
name = "tcpip::127.0.0.1::5025::socket"
alias = "dmm"
aliases = ["Meter", "lab dmm"]
listed = false
attributes = { VI_ATTR_TERMCHAR_EN = true, VI_ATTR_TMO_VALUE = 5000 }
transport = { connect_timeout_ms = 500, drain_before_write = true, factor = 1.5, policy = "strict" }

[aliases]
scope = "TCPIP0::10.0.0.5::inst0::INSTR"
)");
  ASSERT_EQ(entries.resources.size(), 1u);
  const Resource& resource = entries.resources[0];
  EXPECT_EQ(resource.name, "TCPIP0::127.0.0.1::5025::SOCKET");
  EXPECT_EQ(resource.parsed.port, 5025);
  EXPECT_THAT(resource.aliases, ElementsAre("dmm", "Meter", "lab dmm"));
  EXPECT_FALSE(resource.listed);
  EXPECT_EQ(resource.origin, "f.toml:5");
  ASSERT_EQ(resource.attributes.size(), 2u);
  EXPECT_EQ(resource.attributes[0].first, static_cast<ViAttr>(VI_ATTR_TERMCHAR_EN));
  EXPECT_EQ(model::number(resource.attributes[0].second), 1u);
  EXPECT_EQ(resource.attributes[1].first, static_cast<ViAttr>(VI_ATTR_TMO_VALUE));
  EXPECT_EQ(model::number(resource.attributes[1].second), 5000u);
  ASSERT_EQ(resource.transport.size(), 4u);
  EXPECT_EQ(std::get<std::int64_t>(resource.transport.at("connect_timeout_ms")), 500);
  EXPECT_EQ(std::get<bool>(resource.transport.at("drain_before_write")), true);
  EXPECT_EQ(std::get<double>(resource.transport.at("factor")), 1.5);
  EXPECT_EQ(std::get<std::string>(resource.transport.at("policy")), "strict");
  ASSERT_EQ(entries.aliases.size(), 1u);
  EXPECT_EQ(entries.aliases[0].alias, "scope");
  EXPECT_EQ(entries.aliases[0].target.canonical(), "TCPIP0::10.0.0.5::inst0::INSTR");
  ASSERT_EQ(entries.settings.size(), 1u);
  EXPECT_EQ(entries.settings[0].value, 700);
}

TEST_F(ConfigReader, SettingsOfTheSearchAreNumbersAndAFlag) {
  const auto entries =
      good("[settings]\nlan_discovery = false\nfind_timeout_ms = 300\nlan_cache_s = 0\n");
  Settings settings;
  EXPECT_TRUE(settings.lan_discovery);
  EXPECT_LE(settings.find_timeout_ms, 1000);
  for (const auto& entry : entries.settings) entry.apply(settings);
  EXPECT_FALSE(settings.lan_discovery);
  EXPECT_EQ(settings.find_timeout_ms, 300);
  EXPECT_EQ(settings.lan_cache_s, 0);
  one_mistake("[settings]\nlan_discovery = 0\n", "true or false");
  one_mistake("[settings]\nlan_discovery = 'no'\n", "true or false");
  one_mistake("[settings]\nfind_timeout_ms = 0\n", "a whole number, 50 to 60000");
  one_mistake("[settings]\nfind_timeout_ms = true\n", "a whole number");
  one_mistake("[settings]\nlan_cache_s = -1\n", "a whole number, 0 to 3600");
}

TEST_F(ConfigReader, TablesMayBeWrittenOutToo) {
  const auto entries = good(R"([[resource]]
name = "ASRL1::INSTR"
[resource.attributes]
VI_ATTR_ASRL_BAUD = 115200
[resource.transport]
leave_dtr_alone = true
)");
  EXPECT_EQ(entries.resources.at(0).attributes.size(), 1u);
  EXPECT_EQ(entries.resources.at(0).transport.size(), 1u);
}

TEST_F(ConfigReader, ResourceIsListedUnlessItSaysOtherwise) {
  EXPECT_TRUE(good(kGood).resources.at(0).listed);
}

TEST_F(ConfigReader, EmptyFileIsGood) {
  good("");
  good("# nothing but a comment\n");
}

TEST_F(ConfigReader, SyntaxErrorCostsTheFileAndNamesTheLine) {
  const auto entries = read(std::string(kGood) + "listed = maybe\n");
  EXPECT_FALSE(complete);
  EXPECT_TRUE(entries.resources.empty());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0], testing::StartsWith("f.toml:3:"));
  EXPECT_THAT(problems[0], HasSubstr("not loaded"));
}

TEST_F(ConfigReader, SyntaxErrorInOneSectionLeavesTheOthers) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR\nalias = 'x'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\n",
      "f.toml:2:");
  EXPECT_THAT(problems[0], HasSubstr("this section is not loaded"));
  ASSERT_EQ(entries.resources.size(), 2u);
  EXPECT_EQ(entries.resources[0].name, "GPIB0::2::INSTR");
  EXPECT_EQ(entries.resources[0].origin, "f.toml:4");
}

TEST_F(ConfigReader, UnknownKeysAreToldAndHarmless) {
  const auto entries =
      read(std::string("colour = 1\n[settings]\nspeed = 9\n") + kGood + "shape = 2\n");
  EXPECT_TRUE(complete);
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_THAT(problems[0], HasSubstr("f.toml:1:1: unknown key \"colour\""));
  EXPECT_THAT(problems[1], HasSubstr("f.toml:3:1: unknown key \"speed\""));
  EXPECT_THAT(problems[1], HasSubstr("connect_timeout_ms"));
  EXPECT_THAT(problems[2], HasSubstr("f.toml:6:1: unknown key \"shape\""));
  EXPECT_EQ(entries.resources.size(), 1u);
}

TEST_F(ConfigReader, ResourceNeedsAGoodName) {
  one_mistake("[[resource]]\nalias = 'x'\n", "without name");
  one_mistake("[[resource]]\nname = 'FOO::1::INSTR'\n", "\"FOO::1::INSTR\" is no resource name");
  one_mistake("[[resource]]\nname = 'GPIB0::31'\n",
              "\"GPIB0::31\" is no resource name: expected a primary address from 0 to 30, found "
              "'31' at character 8");
  one_mistake("[[resource]]\nname = ''\n", "is no resource name");
  one_mistake("[[resource]]\nname = 5\n", "in quotes");
  one_mistake("[[resource]]\nname = 'TCPIP::\\u0000::INSTR'\n", "is no resource name");
}

TEST_F(ConfigReader, MistakeInAResourceNameIsToldWithItsLine) {
  one_mistake("\n\n[[resource]]\nname = 'GPIB0::99::INSTR'\n", "f.toml:4:8:");
}

TEST_F(ConfigReader, SecondEntryOfAResourceIsIgnored) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\nlisted = false\n[[resource]]\nname = "
      "'gpib0::1::instr'\n",
      "stands in line 1 already");
  ASSERT_EQ(entries.resources.size(), 2u);
  EXPECT_FALSE(entries.resources[0].listed);
}

TEST_F(ConfigReader, BadAliasesAreLeftOut) {
  const std::string resource = "[[resource]]\nname = 'GPIB::1::INSTR'\n";
  for (const std::string alias :
       {"''", "'a::b'", "' a'", "'a '", "'\xC3\xA4'", "\"a\\nb\"", "\"a\\u0000\""}) {
    const auto entries = one_mistake(resource + "alias = " + alias + "\n", "is no alias");
    EXPECT_TRUE(entries.resources.at(0).aliases.empty()) << alias;
  }
  one_mistake(resource + "alias = '" + std::string(256, 'a') + "'\n", "is no alias");
  one_mistake(resource + "alias = 5\n", "alias in quotes");
  one_mistake(resource + "alias = ['a', 'b']\n", "alias in quotes");
  one_mistake(resource + "aliases = 'a'\n", "a list");
  const auto entries = one_mistake(resource + "aliases = ['a', 7, 'b']\n", "alias in quotes");
  EXPECT_THAT(entries.resources.at(0).aliases, ElementsAre("a", "b"));
  const auto longest = good(resource + "alias = '" + std::string(255, 'a') + "'\n");
  EXPECT_EQ(longest.resources.at(0).aliases.size(), 1u);
}

TEST_F(ConfigReader, AliasWithTwoMeaningsKeepsTheFirst) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\nalias = 'dmm'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\nalias = 'DMM'\n",
      "f.toml:6:9: alias \"DMM\" means another resource since line 3");
  EXPECT_THAT(entries.resources.at(0).aliases, ElementsAre("dmm"));
  EXPECT_TRUE(entries.resources.at(1).aliases.empty());
  const auto table =
      one_mistake("[aliases]\na = 'GPIB::1::INSTR'\nA = 'GPIB::2::INSTR'\n", "\"A\" means another");
  EXPECT_EQ(table.aliases.size(), 1u);
}

TEST_F(ConfigReader, AliasGivenTwiceToOneResourceIsNoMistake) {
  good(
      "[aliases]\ndmm = 'GPIB::1::INSTR'\n[[resource]]\nname = 'gpib0::1::INSTR'\nalias = 'dmm'\n");
}

TEST_F(ConfigReader, FixedNamesAreOneNameOrAListInAnySpelling) {
  const auto entries = good(
      "[[resource]]\nname = 'TCPIP::h::5025::SOCKET'\ninstead_of = 'gpib::02'\n"
      "[[resource]]\nname = 'GPIB::7::INSTR'\n"
      "instead_of = ['ASRL1', 'USB::0x1234::22136::sn1', 'asrl1::instr']\n"
      "[[resource]]\nname = 'GPIB::8::INSTR'\ninstead_of = []\n");
  ASSERT_EQ(entries.resources.size(), 3u);
  const auto& first = entries.resources[0].instead_of;
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].canonical(), "GPIB0::2::INSTR");
  const auto& second = entries.resources[1].instead_of;
  ASSERT_EQ(second.size(), 2u) << "each once";
  EXPECT_EQ(second[0].canonical(), "ASRL1::INSTR");
  EXPECT_EQ(second[1].canonical(), "USB0::0x1234::0x5678::sn1::INSTR");
  EXPECT_TRUE(entries.resources[2].instead_of.empty());
}

TEST_F(ConfigReader, TwoResourcesMayChangePlaces) {
  good(
      "[[resource]]\nname = 'GPIB::1::INSTR'\ninstead_of = 'GPIB::2::INSTR'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\ninstead_of = 'GPIB::1::INSTR'\n");
}

TEST_F(ConfigReader, MistakesInFixedNamesAreLeftOut) {
  const std::string resource = "[[resource]]\nname = 'GPIB::1::INSTR'\ninstead_of = ";
  for (const std::string value : {"'GPIBO::2::INSTR'", "''", "'dmm'", "'GPIB0::99::INSTR'"}) {
    const auto entries = one_mistake(resource + value + "\n", "is no resource name");
    EXPECT_TRUE(entries.resources.at(0).instead_of.empty()) << value;
  }
  one_mistake(resource + "5\n", "\"instead_of\": expected a resource name in quotes");
  one_mistake(resource + "{ a = 'GPIB::2::INSTR' }\n", "in quotes");
  one_mistake(resource + "'gpib0::1::instr'\n", "f.toml:3:14: instead_of: \"GPIB0::1::INSTR\" is");
  const auto entries = one_mistake(resource + "['GPIB::2', 7, 'GPIB::3']\n", "f.toml:3:26:");
  EXPECT_EQ(entries.resources.at(0).instead_of.size(), 2u);
}

TEST_F(ConfigReader, AFixedNameOfTwoResourcesOpensTheFirst) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\ninstead_of = 'GPIB::5'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\ninstead_of = ['gpib0::5::INSTR', 'GPIB::6']\n",
      "f.toml:6:15: instead_of: \"GPIB0::5::INSTR\" opens another resource since line 3");
  EXPECT_EQ(entries.resources.at(0).instead_of.size(), 1u);
  EXPECT_EQ(entries.resources.at(1).instead_of.size(), 1u);
}

TEST_F(ConfigReader, AliasTableNeedsResourceNames) {
  one_mistake("[aliases]\na = 'other alias'\n", "is no resource name");
  one_mistake("[aliases]\na = 1\n", "in quotes");
  one_mistake("[aliases]\na.b = 'GPIB::1::INSTR'\n", "in quotes");
  one_mistake("[aliases]\n'a::b' = 'GPIB::1::INSTR'\n", "is no alias");
}

TEST_F(ConfigReader, BadAttributeLeavesTheOthers) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\n"
      "attributes = { VI_ATTR_TMO_VALUE = 1, VI_ATTR_TERMCHAR = 'x' }\n",
      "VI_ATTR_TERMCHAR");
  EXPECT_EQ(entries.resources.at(0).attributes.size(), 1u);
  one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\n"
      "attributes = { VI_ATTR_TMO_VALUE = 1, vi_attr_tmo_value = 2 }\n",
      "set twice");
  one_mistake("[[resource]]\nname = 'GPIB::1::INSTR'\nattributes = 5\n", "a table");
}

TEST_F(ConfigReader, BadTransportSettingLeavesTheOthers) {
  const std::string start = "[[resource]]\nname = 'GPIB::1::INSTR'\ntransport = ";
  for (const std::string value : {"[1]", "{ b = 1 }", "12:00:00", "\"a\\u0000\""}) {
    const auto entries = one_mistake(start + "{ a = 1, bad = " + value + " }\n", "\"bad\"");
    EXPECT_EQ(entries.resources.at(0).transport.size(), 1u) << value;
  }
  one_mistake(start + "true\n", "a table");
}

TEST_F(ConfigReader, ListedMustBeAFlag) {
  one_mistake("[[resource]]\nname = 'GPIB::1::INSTR'\nlisted = 'no'\n", "true or false");
}

TEST_F(ConfigReader, SettingsHaveRanges) {
  for (const std::string value : {"0", "-5", "600001", "'700'", "1.5", "true"}) {
    const auto entries =
        one_mistake("[settings]\nconnect_timeout_ms = " + value + "\n", "1 to 600000");
    EXPECT_TRUE(entries.settings.empty()) << value;
  }
}

TEST_F(ConfigReader, WhatFormatsMeanIsAChoice) {
  for (const std::string value : {"48", "31", "65", "'64'", "true"}) {
    one_mistake("[settings]\nformatted_long = " + value + "\n", "32 or 64");
  }
  for (const std::string value : {"1", "'yes'"}) {
    one_mistake("[settings]\nformatted_long_double = " + value + "\n", "true or false");
  }
}

TEST_F(ConfigReader, SectionsOfAnotherShapeAreRefused) {
  one_mistake("settings = 5\n", "[settings]");
  one_mistake("aliases = 'x'\n", "[aliases]");
  const auto entries = read("[resource]\nname = 'GPIB::1::INSTR'\n");
  EXPECT_FALSE(complete);
  EXPECT_THAT(problems.at(0), HasSubstr("two brackets"));
  EXPECT_TRUE(entries.resources.empty());
  read("resource = [1, 'x']\n");
  EXPECT_EQ(problems.size(), 2u);
}

TEST_F(ConfigReader, ThousandsOfMistakesGiveABoundedReport) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "[[resource]]\nname = 'x'\n";
  const auto entries = read(text + kGood);
  EXPECT_EQ(entries.resources.size(), 1u);
  EXPECT_EQ(problems.size(), ProblemLog::kMostLines + 1);
}

}  // namespace
}  // namespace visa::config
