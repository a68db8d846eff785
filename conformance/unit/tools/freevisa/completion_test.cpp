// SPDX-License-Identifier: MIT
#include "tools/freevisa/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace visa::tool {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kActions[] = {"list", "set"};
constexpr std::string_view kWords[] = {"off", "on"};
constexpr Option kOptions[] = {
    {.name = "--output", .letter = "-o", .value = "FILE", .help = ""},
    {.name = "--mode", .value = "N|off", .help = "", .words = kWords},
    {.name = "--long", .help = ""},
};
constexpr Command kQuery = {.name = "query", .options = kOptions, .operands = "NAME COMMAND..."};
constexpr Command kAlias = {
    .name = "alias", .operands = "[list | set NAME RESOURCE]", .actions = kActions};
constexpr Command kSim = {
    .name = "sim", .operands = "[FILE...] [-- PROGRAM [ARGUMENT...]]", .starts_program = true};
const Command* const kCommands[] = {&kQuery, &kAlias, &kSim};

Candidates complete(std::string_view line) {
  return candidates(line, kCommands);
}

class CompletionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    file = ::testing::TempDir() + "/completion_" + std::to_string(::getpid()) + ".toml";
    std::ofstream(file) << "[aliases]\ndmm = 'TCPIP0::192.0.2.1::inst0::INSTR'\n"
                           "[[resource]]\nname = 'USB0::1::2::3::INSTR'\n";
    ::setenv("FREEVISA_CONFIG", file.c_str(), 1);
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
  }
  void TearDown() override {
    ::unsetenv("FREEVISA_CONFIG");
    ::unsetenv("XDG_CONFIG_HOME");
    std::remove(file.c_str());
  }
  std::string file;
};

TEST_F(CompletionTest, SubcommandsThenOptionsThenNames) {
  EXPECT_THAT(complete("freevisa ").words, ElementsAre("query", "alias", "sim"));
  EXPECT_THAT(complete("freevisa q").words, ElementsAre("query"));
  EXPECT_THAT(complete("freevisa --v").words, ElementsAre("--version"));
  EXPECT_THAT(complete("freevisa query --").words,
              ElementsAre("--output", "--mode", "--long", "--help"));
  EXPECT_THAT(complete("freevisa query --mode o").words, ElementsAre("off", "on"));
  EXPECT_THAT(complete("freevisa query d").words, ElementsAre("dmm"));
  EXPECT_THAT(complete("freevisa query TCPIP0::192").words,
              ElementsAre("TCPIP0::192.0.2.1::inst0::INSTR"));
  EXPECT_THAT(complete("freevisa query --long dmm *ID").words, ElementsAre("*IDN?"));
  EXPECT_THAT(complete("freevisa query dmm *CLS '*ID").words, ElementsAre("*IDN?"));
  EXPECT_TRUE(complete("freevisa query dmm '*ID").quoted);
}

TEST_F(CompletionTest, ActionsHaveOperandsOfTheirOwn) {
  EXPECT_THAT(complete("freevisa alias ").words, ElementsAre("list", "set"));
  EXPECT_THAT(complete("freevisa alias set x US").words, ElementsAre("USB0::1::2::3::INSTR"));
  EXPECT_THAT(complete("freevisa alias list ").words, IsEmpty());
}

TEST_F(CompletionTest, FilesAndProgramsAreTheShellsBusiness) {
  EXPECT_EQ(complete("freevisa query -o x").kind, Candidates::Kind::files);
  EXPECT_EQ(complete("freevisa query -o x").typed, "x");
  EXPECT_EQ(complete("freevisa sim b").kind, Candidates::Kind::files);
  EXPECT_EQ(complete("freevisa sim dmm -- py").kind, Candidates::Kind::programs);
  EXPECT_EQ(complete("freevisa sim dmm -- python3 x").kind, Candidates::Kind::files);
}

TEST_F(CompletionTest, OnlyTheCommandUnderTheCursorCounts) {
  EXPECT_THAT(complete("freevisa query x; A=1 /usr/bin/freevisa al").words, ElementsAre("alias"));
  EXPECT_THAT(complete("ls ").words, IsEmpty());
  EXPECT_THAT(complete("").words, IsEmpty());
  EXPECT_EQ(complete("freevisa query a\\ b").typed, "a b");
}

TEST(CompletionWords, WhatWordsHaveInCommon) {
  EXPECT_EQ(common_beginning({"SYSTem:ERRor?", "SYSTem:VERSion?"}), "SYSTem:");
  EXPECT_EQ(common_beginning({"Abc", "aBd"}), "Ab");
  EXPECT_EQ(common_beginning({}), "");
  EXPECT_TRUE(begins_with("SYSTem:ERRor?", "syst"));
  EXPECT_FALSE(begins_with("SYS", "syst"));
  EXPECT_TRUE(command_begins_with("SYSTem:VERSion?", "syst:v"));
  EXPECT_TRUE(command_begins_with("SYSTem:VERSion?", "system:VERSion?"));
  EXPECT_FALSE(command_begins_with("SYSTem:VERSion?", "syste:v")) << "neither short nor long";
  EXPECT_FALSE(command_begins_with("*IDN?", "a:b"));
  EXPECT_THAT(common_commands(), Contains("*IDN?"));
}

}  // namespace
}  // namespace visa::tool
