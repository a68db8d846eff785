// SPDX-License-Identifier: MIT
#include "tools/freevisa/shell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace visa::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShellTest : public ::testing::Test {
 protected:
  std::string failure_of(const std::string& line) {
    try {
      shell.run(line);
    } catch (const VisaFailure& failure) {
      return failure.text;
    }
    return "";
  }
  Session manager;
  Shell shell{manager, 100, [] { return false; }};
};

TEST_F(ShellTest, WithoutAnInstrumentItSaysHowToOpenOne) {
  EXPECT_EQ(shell.prompt(), "(no instrument)> ");
  EXPECT_EQ(failure_of("*IDN?"), "no instrument is open: '.open NAME' opens one");
  EXPECT_EQ(failure_of(".open"), "expected: .open NAME");
  EXPECT_NE(failure_of(".open TCPIP::192.0.2.1::INSTR"), "") << "there is no manager";
  EXPECT_EQ(shell.prompt(), "(no instrument)> ") << "what could not be opened";
}

TEST_F(ShellTest, CommandsOfItsOwnAreCheckedBeforeAnythingIsSent) {
  EXPECT_NE(failure_of(".opne dmm").find("unknown command .opne; did you mean '.open'?"),
            std::string::npos);
  for (const char* const line : {".repeat", ".repeat x READ?", ".repeat 3", ".repeat 3 -1 READ?",
                                 ".repeat 3 nan READ?", ".repeat 3 0.5"})
    EXPECT_EQ(failure_of(line), "expected: .repeat N [SECONDS] COMMAND") << line;
  EXPECT_NE(failure_of(".timeout 0"), "");
  EXPECT_EQ(failure_of(".timing maybe"),
            "expected: .timing on, .timing off, or .timing alone to change it");
  EXPECT_EQ(failure_of(".timing off"), "");
  EXPECT_EQ(failure_of(".timeout 5000"), "");
  EXPECT_EQ(failure_of(".repeat 0 READ?"), "") << "nothing to do";
}

TEST_F(ShellTest, CommentsAndEmptyLinesAreNothingAndQuitLeaves) {
  EXPECT_TRUE(shell.run(""));
  EXPECT_TRUE(shell.run("  # *RST"));
  EXPECT_FALSE(shell.run(".quit"));
}

TEST_F(ShellTest, WordsAreCompletedByWhereTheyStand) {
  EXPECT_THAT(shell.complete(".ti"), ElementsAre(".timeout", ".timing"));
  EXPECT_THAT(shell.complete(".timing o"), ElementsAre("on", "off"));
  EXPECT_THAT(shell.complete("syst:v"), ElementsAre("SYSTem:VERSion?"));
  EXPECT_THAT(shell.complete(".repeat 10 *id"), ElementsAre("*IDN?"));
  EXPECT_THAT(shell.complete("*RST *I"), IsEmpty());
}

}  // namespace
}  // namespace visa::tool
