// SPDX-License-Identifier: MIT
// [[resource]] and [aliases]: what they mean, and what becomes of each kind of mistake.
#include "lib/config/resource_reader.h"

#include "conformance/unit/lib/config/read_file.h"

namespace visa::config {
namespace {

using testing::ElementsAre;

using ResourceEntries = ReadFile;

TEST_F(ResourceEntries, ResourceIsListedUnlessItSaysOtherwise) {
  EXPECT_TRUE(good(kGood).resources.at(0).listed);
}

TEST_F(ResourceEntries, ResourceNeedsAGoodName) {
  one_mistake("[[resource]]\nalias = 'x'\n", "without name");
  one_mistake("[[resource]]\nname = 'FOO::1::INSTR'\n", "\"FOO::1::INSTR\" is no resource name");
  one_mistake("[[resource]]\nname = 'GPIB0::31'\n",
              "\"GPIB0::31\" is no resource name: expected a primary address from 0 to 30, found "
              "'31' at character 8");
  one_mistake("[[resource]]\nname = ''\n", "is no resource name");
  one_mistake("[[resource]]\nname = 5\n", "in quotes");
  one_mistake("[[resource]]\nname = 'TCPIP::\\u0000::INSTR'\n", "is no resource name");
}

TEST_F(ResourceEntries, MistakeInAResourceNameIsToldWithItsLine) {
  one_mistake("\n\n[[resource]]\nname = 'GPIB0::99::INSTR'\n", "f.toml:4:8:");
}

TEST_F(ResourceEntries, SecondEntryOfAResourceIsIgnored) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\nlisted = false\n[[resource]]\nname = "
      "'gpib0::1::instr'\n",
      "stands in line 1 already");
  ASSERT_EQ(entries.resources.size(), 2u);
  EXPECT_FALSE(entries.resources[0].listed);
}

TEST_F(ResourceEntries, BadAliasesAreLeftOut) {
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

TEST_F(ResourceEntries, AliasWithTwoMeaningsKeepsTheFirst) {
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

TEST_F(ResourceEntries, AliasGivenTwiceToOneResourceIsNoMistake) {
  good(
      "[aliases]\ndmm = 'GPIB::1::INSTR'\n[[resource]]\nname = 'gpib0::1::INSTR'\nalias = 'dmm'\n");
}

TEST_F(ResourceEntries, FixedNamesAreOneNameOrAListInAnySpelling) {
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

TEST_F(ResourceEntries, TwoResourcesMayChangePlaces) {
  good(
      "[[resource]]\nname = 'GPIB::1::INSTR'\ninstead_of = 'GPIB::2::INSTR'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\ninstead_of = 'GPIB::1::INSTR'\n");
}

TEST_F(ResourceEntries, MistakesInFixedNamesAreLeftOut) {
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

TEST_F(ResourceEntries, AFixedNameOfTwoResourcesOpensTheFirst) {
  const auto entries = one_mistake(
      "[[resource]]\nname = 'GPIB::1::INSTR'\ninstead_of = 'GPIB::5'\n"
      "[[resource]]\nname = 'GPIB::2::INSTR'\ninstead_of = ['gpib0::5::INSTR', 'GPIB::6']\n",
      "f.toml:6:15: instead_of: \"GPIB0::5::INSTR\" opens another resource since line 3");
  EXPECT_EQ(entries.resources.at(0).instead_of.size(), 1u);
  EXPECT_EQ(entries.resources.at(1).instead_of.size(), 1u);
}

TEST_F(ResourceEntries, AliasTableNeedsResourceNames) {
  one_mistake("[aliases]\na = 'other alias'\n", "is no resource name");
  one_mistake("[aliases]\na = 1\n", "in quotes");
  one_mistake("[aliases]\na.b = 'GPIB::1::INSTR'\n", "in quotes");
  one_mistake("[aliases]\n'a::b' = 'GPIB::1::INSTR'\n", "is no alias");
}

TEST_F(ResourceEntries, BadAttributeLeavesTheOthers) {
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

TEST_F(ResourceEntries, BadTransportSettingLeavesTheOthers) {
  const std::string start = "[[resource]]\nname = 'GPIB::1::INSTR'\ntransport = ";
  for (const std::string value : {"[1]", "{ b = 1 }", "12:00:00", "\"a\\u0000\""}) {
    const auto entries = one_mistake(start + "{ a = 1, bad = " + value + " }\n", "\"bad\"");
    EXPECT_EQ(entries.resources.at(0).transport.size(), 1u) << value;
  }
  one_mistake(start + "true\n", "a table");
}

TEST_F(ResourceEntries, ListedMustBeAFlag) {
  one_mistake("[[resource]]\nname = 'GPIB::1::INSTR'\nlisted = 'no'\n", "true or false");
}

}  // namespace
}  // namespace visa::config
