// SPDX-License-Identifier: MIT
#include "tools/freevisa/toml_edit.h"

#include <gtest/gtest.h>

#include <string>

namespace visa::tool {
namespace {

constexpr const char* kText = R"(# The bench of laboratory 3.
[settings]
connect_timeout_ms = 1500   # slow switch

[aliases]
scope = "TCPIP::192.168.1.22::hislip0::INSTR"  # by the window

[[resource]]
name = "TCPIP::192.168.1.20::5025::SOCKET"
alias = 'dmm'
aliases = ["meter", "bench meter"]
transport = { drain_before_write = true, message_end = "\n" }

[finder.lan]
cache_s = 10
)";
const TableName kAliases{{"aliases"}};
const TableName kSettings{{"settings"}};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(TomlEdit, AValueIsReplacedAndItsCommentStays) {
  EXPECT_EQ(with_value(kText, kSettings, "connect_timeout_ms", "800"),
            replaced(kText, "1500", "800"));
  EXPECT_EQ(with_value(kText, kAliases, "scope", "\"USB::1\""),
            replaced(kText, "\"TCPIP::192.168.1.22::hislip0::INSTR\"", "\"USB::1\""));
}

TEST(TomlEdit, ANewValueComesAfterTheLastOfItsTable) {
  EXPECT_EQ(with_value(kText, kAliases, "psu", "\"x\""),
            replaced(kText, "by the window\n", "by the window\npsu = \"x\"\n"));
  EXPECT_EQ(with_value(kText, kAliases, "two words", "\"x\""),
            replaced(kText, "by the window\n", "by the window\n\"two words\" = \"x\"\n"));
  EXPECT_EQ(
      with_value(kText, {{"resource"}, "TCPIP::192.168.1.20::5025::SOCKET"}, "listed", "false"),
      replaced(kText, "message_end = \"\\n\" }\n", "message_end = \"\\n\" }\nlisted = false\n"));
  EXPECT_EQ(with_value(kText, {{"finder", "lan"}}, "search", "true"),
            std::string(kText) + "search = true\n");
}

TEST(TomlEdit, ANewTableComesAtTheEnd) {
  EXPECT_EQ(with_value("", kAliases, "a", "\"x\""), "[aliases]\na = \"x\"\n");
  EXPECT_EQ(with_value("# mine", kAliases, "a", "\"x\""), "# mine\n\n[aliases]\na = \"x\"\n");
  EXPECT_EQ(with_value("", {{"interface"}, "TCPIP"}, "keepalive_idle_s", "20"),
            "[[interface]]\nname = \"TCPIP\"\nkeepalive_idle_s = 20\n");
}

TEST(TomlEdit, AnEmptyTableAndAMissingLineFeedAreNoObstacle) {
  EXPECT_EQ(with_value("[aliases]", kAliases, "a", "1"), "[aliases]\na = 1\n");
  EXPECT_EQ(with_value("[aliases]\n\n[settings]\n", kAliases, "a", "1"),
            "[aliases]\na = 1\n\n[settings]\n");
}

TEST(TomlEdit, ALineIsRemovedWithItsComment) {
  EXPECT_EQ(
      without_value(kText, kAliases, "scope"),
      replaced(kText, "scope = \"TCPIP::192.168.1.22::hislip0::INSTR\"  # by the window\n", ""));
  EXPECT_EQ(without_value(kText, kAliases, "nobody"), kText);
  const std::string lines = "[settings]\na = [\n  1,  # ]\n  2,\n]\nb = 2\n";
  EXPECT_EQ(without_value(lines, kSettings, "a"), "[settings]\nb = 2\n") << "of several lines";
}

TEST(TomlEdit, AnElementIsTakenOutOfItsList) {
  EXPECT_EQ(without_element(kText, 11, "meter"), replaced(kText, "\"meter\", ", ""));
  EXPECT_EQ(without_element(kText, 11, "bench meter"), replaced(kText, ", \"bench meter\"", ""));
  EXPECT_EQ(without_element("a = ['x']\n", 1, "x"), "a = []\n");
  EXPECT_THROW(without_element(kText, 11, "dmm"), EditFailure);
}

TEST(TomlEdit, WhatCannotBeChangedAloneIsRefused) {
  const std::string inlined = "aliases = { a = \"x\", b = \"y\" }\n";
  EXPECT_THROW(without_value(inlined, kAliases, "a"), EditFailure);
  EXPECT_THROW(with_value(inlined, kAliases, "c", "\"z\""), EditFailure);
  EXPECT_EQ(with_value(inlined, kAliases, "b", "\"z\""), replaced(inlined, "\"y\"", "\"z\""));
  EXPECT_THROW(with_value("settings.a = 1\n", kSettings, "b", "2"), EditFailure);
  EXPECT_THROW(with_value("not TOML", kAliases, "a", "1"), EditFailure);
  EXPECT_THROW(with_value(kText, kAliases, "a", "1\nb = 2"), EditFailure) << "more than a value";
}

TEST(TomlEdit, ValuesAreReadAsTheyAreWritten) {
  EXPECT_EQ(value_in(kText, kSettings, "connect_timeout_ms"), "1500");
  EXPECT_EQ(value_in(kText, {{"resource"}, "TCPIP::192.168.1.20::5025::SOCKET"}, "aliases"),
            "[\"meter\", \"bench meter\"]");
  EXPECT_EQ(value_in(kText, {{"resource"}, "other"}, "aliases"), std::nullopt);
  EXPECT_EQ(value_in("x = \"\"\"a\"\"\"\"\ny=1\n", {}, "x"), std::nullopt) << "no table";
  EXPECT_EQ(value_in("[t]\nx = \"\"\"a\n\"\"\"\" # c\ny='#'\n", {{"t"}}, "x"), "\"\"\"a\n\"\"\"\"");
}

TEST(TomlEdit, LettersBeforeAValueMayBeLongerThanAByte) {
  EXPECT_EQ(with_value("[t]\n\"\xC2\xB5\" = 1 # \xC2\xB5\n", {{"t"}}, "\xC2\xB5", "2"),
            "[t]\n\"\xC2\xB5\" = 2 # \xC2\xB5\n");
}

TEST(TomlEdit, WordsOfTheCommandLineBecomeValues) {
  EXPECT_EQ(toml_literal("1500"), "1500");
  EXPECT_EQ(toml_literal("true"), "true");
  EXPECT_EQ(toml_literal("['a', 'b']"), "['a', 'b']");
  EXPECT_EQ(toml_literal("auto"), "\"auto\"");
  EXPECT_EQ(toml_literal("5# a comment"), "\"5# a comment\"");
  EXPECT_EQ(toml_literal(""), "\"\"");
  EXPECT_EQ(toml_literal("C:\\x\"y"), "\"C:\\\\x\\\"y\"");
  EXPECT_EQ(toml_literal("1\ny = 2"), "\"1\\u000Ay = 2\"");
  EXPECT_EQ(toml_literal("2026-11-30"), "\"2026-11-30\"");
}

}  // namespace
}  // namespace visa::tool
