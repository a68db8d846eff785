// SPDX-License-Identifier: MIT
// What every subcommand has to have.
#include "tools/freevisa/registry.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

namespace visa::tool {
namespace {

TEST(Registry, EverySubcommandIsDescribedAndCanBeFound) {
  std::set<std::string> names;
  for (const Command* const command : commands()) {
    const std::string name(command->name);
    EXPECT_TRUE(names.insert(name).second) << name << " twice";
    EXPECT_EQ(find_command(name), command);
    EXPECT_NE(command->run, nullptr) << name;
    EXPECT_LT(command->summary.size(), 70U) << name;
    EXPECT_TRUE(command->about.ends_with('\n')) << name;
    EXPECT_NE(command->closing.find("Exit codes: "), std::string_view::npos) << name;
    EXPECT_TRUE(command->closing.ends_with('\n')) << name;
    EXPECT_FALSE(topic_title(command->topic).empty()) << name;
  }
  EXPECT_GE(names.size(), 14U);
  EXPECT_EQ(find_command("dance"), nullptr);
}

// What the help itself breaks has 100 columns; paragraphs are broken by hand.
TEST(Registry, HelpFitsTheScreen) {
  for (const Command* const command : commands()) {
    std::istringstream help(help_text(*command));
    for (std::string line; std::getline(help, line);)
      EXPECT_LE(line.size(), 104U) << "freevisa " << command->name << ": " << line;
  }
}

TEST(Registry, LettersOfACommandAreDifferent) {
  for (const Command* const command : commands()) {
    std::set<std::string_view> letters = {"-h"};
    for (const Option& option : command->options) {
      if (option.letter.empty()) continue;
      EXPECT_TRUE(letters.insert(option.letter).second) << command->name << option.letter;
    }
  }
}

}  // namespace
}  // namespace visa::tool
