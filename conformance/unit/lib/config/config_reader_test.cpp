// SPDX-License-Identifier: MIT
// One file: its sections, and what becomes of each kind of mistake. The good entries of a file with
// a bad one always count.
#include "lib/config/config_reader.h"

#include <fstream>

#include "conformance/unit/lib/config/read_file.h"
#include "spec_dir.h"

namespace visa::config {
namespace {

using testing::ElementsAre;

using ConfigReader = ReadFile;

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

TEST_F(ConfigReader, SectionsOfAnotherShapeAreRefused) {
  one_mistake("settings = 5\n", "[settings]");
  one_mistake("aliases = 'x'\n", "[aliases]");
  const auto entries = read("[resource]\nname = 'GPIB::1::INSTR'\n");
  EXPECT_FALSE(complete);
  EXPECT_THAT(problems.at(0), HasSubstr("two brackets"));
  EXPECT_TRUE(entries.resources.empty());
  const auto single = read("[interface]\nname = 'GPIB0'\n");
  EXPECT_FALSE(complete);
  EXPECT_THAT(problems.at(0), HasSubstr("[[interface]] with two brackets"));
  EXPECT_TRUE(single.interfaces.empty());
  read("interface = [1, 'x']\n");
  EXPECT_EQ(problems.size(), 2u);
  read("resource = [1, 'x']\n");
  EXPECT_EQ(problems.size(), 2u);
}

TEST_F(ConfigReader, ExampleOfThePageIsGood) {
  std::ifstream page(FREEVISA_SPEC_DIR "/../../docs/configuration.md");
  std::string file;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    inside = (inside || line == "    [settings]") && (line.empty() || line.starts_with("    "));
    if (inside && !line.empty()) file += line.substr(4);
    if (inside) file += '\n';
    if (!inside && !file.empty()) break;
  }
  const auto entries = good(file);
  EXPECT_EQ(entries.settings.size(), 1u);
  EXPECT_EQ(entries.resources.size(), 2u);
  EXPECT_EQ(entries.interfaces.size(), 2u);
  EXPECT_EQ(entries.finders.at("lan").size(), 2u);
  EXPECT_EQ(entries.aliases.size(), 1u);
  EXPECT_EQ(entries.credentials.size(), 1u);
}

TEST_F(ConfigReader, ThousandsOfMistakesGiveABoundedReport) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "[[resource]]\nname = 'x'\n";
  const auto entries = read(text + kGood);
  EXPECT_EQ(entries.resources.size(), 1u);
  EXPECT_EQ(problems.size(), ProblemLog::kMostLines + 1);
}

TEST_F(ConfigReader, InterfaceHasANameAndSettingsOfEveryType) {
  const auto entries = good(R"(
[[interface]]
name = "gpib00"
via = "10.0.0.7:1234"
board = 3
fast = true
settle_s = 0.25
[[interface]]
name = 'TCPIP'
)");
  ASSERT_EQ(entries.interfaces.size(), 2u);
  const Interface& board = entries.interfaces[0];
  EXPECT_EQ(board.name.canonical(), "GPIB0");
  EXPECT_EQ(board.origin, "f.toml:2");
  ASSERT_EQ(board.settings.size(), 4u) << "all but the name";
  EXPECT_EQ(std::get<std::string>(board.settings.at("via")), "10.0.0.7:1234");
  EXPECT_EQ(board.settings.at("via").origin, "f.toml:4");
  EXPECT_EQ(std::get<std::int64_t>(board.settings.at("board")), 3);
  EXPECT_TRUE(std::get<bool>(board.settings.at("fast")));
  EXPECT_EQ(std::get<double>(board.settings.at("settle_s")), 0.25);
  EXPECT_EQ(entries.interfaces[1].name.canonical(), "TCPIP");
  EXPECT_TRUE(entries.interfaces[1].settings.empty());
}

TEST_F(ConfigReader, MistakesInAnInterfaceAreToldWithPlaceAndCure) {
  one_mistake("[[interface]]\nvia = 'x'\n", "f.toml:1:1: [[interface]] without name");
  one_mistake("[[interface]]\nname = 7\n", "f.toml:2:8: \"name\": expected an interface in quotes");
  for (const std::string name :
       {"GPIB0::1::INSTR", "GPIB-1", "LPT1", "", "TCPIP65536", "ASRL/dev"}) {
    const auto entries = one_mistake("[[interface]]\nname = '" + name + "'\n", "is no interface");
    EXPECT_TRUE(entries.interfaces.empty()) << name;
    EXPECT_THAT(problems[0], HasSubstr("expected a board such as \"GPIB0\""));
    EXPECT_THAT(problems[0], HasSubstr("ASRL"));
  }
  const auto entries =
      one_mistake("[[interface]]\nname = 'GPIB0'\nbad = [1]\nboard = 2\n",
                  "f.toml:3:7: \"bad\": expected true, false, a number or a string");
  ASSERT_EQ(entries.interfaces.size(), 1u);
  EXPECT_EQ(entries.interfaces[0].settings.size(), 1u);
}

TEST_F(ConfigReader, SecondEntryOfAnInterfaceIsIgnored) {
  const auto entries = one_mistake(
      "[[interface]]\nname = 'GPIB0'\nboard = 1\n[[interface]]\nname = 'gpib00'\nboard = 2\n",
      "f.toml:4:1: interface \"GPIB0\" stands in line 1 already");
  ASSERT_EQ(entries.interfaces.size(), 1u);
  EXPECT_EQ(std::get<std::int64_t>(entries.interfaces[0].settings.at("board")), 1);
  good("[[interface]]\nname = 'GPIB'\n[[interface]]\nname = 'GPIB0'\n");  // all boards, and one
}

TEST_F(ConfigReader, FinderHasATableOfItsOwn) {
  const auto entries = good("[finder.lan]\nsearch = false\n[finder.serial]\nskip = '/dev/ttyS0'\n");
  ASSERT_EQ(entries.finders.size(), 2u);
  EXPECT_FALSE(std::get<bool>(entries.finders.at("lan").at("search")));
  EXPECT_EQ(std::get<std::string>(entries.finders.at("serial").at("skip")), "/dev/ttyS0");
  EXPECT_EQ(entries.finders.at("serial").at("skip").origin, "f.toml:4");
}

TEST_F(ConfigReader, MistakesInAFinderAreToldWithPlaceAndCure) {
  one_mistake("finder = 5\n", "f.toml:1:10: \"finder\": expected tables such as [finder.lan]");
  one_mistake("[[finder]]\nsearch = true\n", "with one bracket");
  one_mistake("[finder]\nsearch = true\n", "f.toml:2:1: \"search\" in [finder]: expected a table");
  const auto entries = one_mistake("[finder.lan]\ncache_s = [5]\nsearch = false\n",
                                   "f.toml:2:11: \"cache_s\": expected true, false, a number");
  EXPECT_EQ(entries.finders.at("lan").size(), 1u);
}

TEST_F(ConfigReader, SyntaxErrorInAFinderLeavesTheSectionsBesideIt) {
  const auto entries = one_mistake(
      "[finder.serial]\nskip = 'x'\n[finder.lan]\nsearch = perhaps\n[[interface]]\nname = "
      "'GPIB0'\n",
      "f.toml:4:");
  EXPECT_THAT(problems[0], HasSubstr("this section is not loaded"));
  EXPECT_EQ(entries.finders.count("serial"), 1u);
  EXPECT_EQ(entries.finders.count("lan"), 0u);
  EXPECT_EQ(entries.interfaces.size(), 1u);
}

}  // namespace
}  // namespace visa::config
