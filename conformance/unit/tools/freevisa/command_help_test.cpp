// SPDX-License-Identifier: MIT
// The help of all subcommands; that of one is looked at in command_line_test.
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {
namespace {

TEST(CommandHelp, OfEverySubcommandFitsATerminalAndSaysHowItEnds) {
  for (const Command* const command : commands()) {
    const std::string help = help_text(*command);
    SCOPED_TRACE(std::string(command->name));
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) {
      // In an example a name may be as long as it has to be.
      if (command->closing.find(line) == std::string_view::npos) {
        EXPECT_LE(line.size(), 103U) << line;
      }
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    EXPECT_EQ(help.find("freevisa " + std::string(command->name) + " - "), 0U);
    EXPECT_NE(help.find("\nExit code"), std::string::npos);
    for (const Option& option : command->options) {
      EXPECT_NE(help.find("\n  " + label(option) + " "), std::string::npos) << option.name;
      EXPECT_FALSE(option.help.empty()) << option.name;
    }
  }
}

TEST(CommandHelp, TopicsHaveTitlesOfTheirOwn) {
  std::set<std::string_view> titles;
  for (const Topic topic :
       {Topic::find, Topic::talk, Topic::measure, Topic::programs, Topic::setup})
    titles.insert(topic_title(topic));
  EXPECT_EQ(titles.size(), 5U);
  EXPECT_EQ(titles.count(""), 0U);
}

TEST(CommandHelp, TheNotesNameEveryExitCode) {
  for (const char* const code : {"  0  done", "  1  failed", "  2  wrong usage", "code 130"})
    EXPECT_NE(general_notes().find(code), std::string_view::npos) << code;
}

}  // namespace
}  // namespace visa::tool
