// SPDX-License-Identifier: MIT
#include "tools/freevisa/command_line.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {
namespace {

constexpr std::string_view kWords[] = {"off"};
constexpr Option kOptions[] = {
    {.name = "--port", .value = "N", .help = "the port", .number = Number{0, 65535, 5}},
    {.name = "--mapper",
     .value = "N|off",
     .help = "a port",
     .number = Number{1, 9, 1},
     .words = kWords},
    {.name = "--name", .letter = "-n", .value = "NAME", .help = "several", .repeats = true},
    {.name = "--long", .help = "a switch"},
    {.name = "--check", .help = "only looks", .instead = "FILE..."},
};
constexpr Command kCommand = {.name = "try",
                              .summary = "tries",
                              .about = "What it does.\n",
                              .options = kOptions,
                              .operands = "[NAME...]",
                              .least = 0,
                              .most = 9,
                              .closing = "Exit codes: 0.\n"};

CommandLine parse(std::vector<const char*> arguments) {
  return CommandLine(kCommand, arguments);
}

std::string usage_error(const std::vector<const char*>& arguments) {
  try {
    parse(arguments);
  } catch (const UsageError& error) {
    return error.text;
  }
  return "";
}

TEST(CommandLine, OptionsAndOperandsInAnyOrder) {
  const CommandLine line = parse({"a", "--port", "7", "b", "--long", "--port=8"});
  EXPECT_EQ(line.operands(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(line.has("--long"));
  EXPECT_EQ(line.value("--port"), "8") << "the last one counts";
  EXPECT_EQ(line.values("--port"), (std::vector<std::string>{"7", "8"}));
}

TEST(CommandLine, ALetterStandsForAnOptionAndMayHoldItsValue) {
  const CommandLine line = parse({"-n", "a", "-nb", "-n=c", "--", "-nd"});
  EXPECT_EQ(line.values("--name"), (std::vector<std::string>{"a", "b", "=c"}));
  EXPECT_EQ(line.operands(), std::vector<std::string>{"-nd"});
  EXPECT_EQ(usage_error({"-n"}), "option --name needs a value");
  EXPECT_NE(help_text(kCommand).find("  -n, --name NAME  several\n"), std::string::npos);
  EXPECT_NE(usage_text(kCommand).find(" [-n NAME]... "), std::string::npos);
}

constexpr std::string_view kActions[] = {"list", "remove"};

TEST(CommandLine, TheFirstOperandIsOneOfTheActions) {
  Command acting = kCommand;
  acting.actions = kActions;
  const auto read = [&acting](std::vector<const char*> arguments) {
    return CommandLine(acting, arguments);
  };
  EXPECT_EQ(read({"list", "remove", "other"}).operands().size(), 3U);
  EXPECT_TRUE(read({}).operands().empty());
  try {
    read({"remvoe"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.text, "'remvoe' is none of 'list', 'remove'; did you mean 'remove'?");
  }
}

TEST(CommandLine, AProgramComesAfterTwoDashes) {
  Command starting = kCommand;
  starting.starts_program = true;
  const auto read = [&starting](std::vector<const char*> arguments) {
    return CommandLine(starting, arguments);
  };
  const CommandLine line = read({"a", "--name", "--", "--long", "--", "run", "--port", "-h", "--"});
  EXPECT_EQ(line.operands(), std::vector<std::string>{"a"});
  EXPECT_EQ(line.value("--name"), "--") << "the value of an option";
  EXPECT_TRUE(line.has("--long"));
  EXPECT_EQ(line.program(), (std::vector<std::string>{"run", "--port", "-h", "--"}));
  EXPECT_TRUE(read({"a"}).program().empty());
  EXPECT_THROW(read({"a", "--"}), UsageError);
  EXPECT_TRUE(parse({"--", "run"}).program().empty()) << "of a command that starts none";
}

TEST(CommandLine, TwoDashesEndTheOptions) {
  EXPECT_EQ(parse({"--", "--long", "-"}).operands(), (std::vector<std::string>{"--long", "-"}));
  EXPECT_EQ(parse({"--long", "--", "--help", "--"}).operands(),
            (std::vector<std::string>{"--help", "--"}));
}

// A library for command lines has ideas of its own about some of these.
TEST(CommandLine, OperandsComeAsTheyWereGiven) {
  const std::vector<const char*> odd = {"[a,b]", "",    "-",  "{}",  "'q' \"",
                                        "++",    "a=b", "%%", "list"};
  EXPECT_EQ(parse(odd).operands(), std::vector<std::string>(odd.begin(), odd.end()));
  for (const char* const value : {"[a,b]", "", "--long", "-5", "{}", "\"q\"", "a=b", "%%", "--"}) {
    const CommandLine line = parse({"--name", value, "operand"});
    EXPECT_EQ(line.values("--name"), std::vector<std::string>{value});
    EXPECT_EQ(line.operands(), std::vector<std::string>{"operand"}) << value;
    EXPECT_FALSE(line.has("--long")) << value;
  }
}

TEST(CommandLine, EmptyValueAfterTheEqualsSignDoesNotTakeTheNextArgument) {
  const CommandLine line = parse({"--name=", "a", "--", "--name="});
  EXPECT_EQ(line.values("--name"), std::vector<std::string>{""});
  EXPECT_EQ(line.operands(), (std::vector<std::string>{"a", "--name="}));
  EXPECT_EQ(usage_error({"--long=", "a"}), "option --long takes no value");
  const CommandLine values = parse({"--name", "--port=", "--name", "--", "--name=", "a"});
  EXPECT_EQ(values.values("--name"), (std::vector<std::string>{"--port=", "--", ""}));
  EXPECT_EQ(values.operands(), std::vector<std::string>{"a"});
}

TEST(CommandLine, WhatIsWrongIsNamed) {
  EXPECT_EQ(usage_error({"--prot", "7"}), "unknown option --prot; did you mean '--port'?");
  EXPECT_EQ(usage_error({"a", "--lon=7"}), "unknown option --lon; did you mean '--long'?");
  EXPECT_EQ(usage_error({"-l"}),
            "unknown option -l; what begins with '-' and is no option comes after '--'");
  EXPECT_EQ(usage_error({"--volume"}).find("unknown option --volume; what begins with '-'"), 0U);
  EXPECT_EQ(usage_error({"--port"}), "option --port needs a value");
  EXPECT_EQ(usage_error({"--long=1"}), "option --long takes no value");
  EXPECT_EQ(usage_error({"--port", "x"}), "option --port takes a number from 0 to 65535, not 'x'");
  EXPECT_EQ(usage_error({"--mapper", "on"}),
            "option --mapper takes a number from 1 to 9 or 'off', not 'on'");
}

TEST(CommandLine, ANameOfAnInstrumentIsNotEmpty) {
  EXPECT_EQ(usage_error({""}).find("NAME is empty: is a variable of the shell not set?"), 0U);
  EXPECT_EQ(usage_error({"a", ""}), "") << "what comes after it may be";
  EXPECT_EQ(usage_error({"--name="}), "") << "the value of an option, too";
}

TEST(CommandLine, HelpIsAskedForWhateverElseIsWrong) {
  for (const char* const option : {"-h", "--help"}) {
    EXPECT_TRUE(parse({option}).asks_for_help());
    EXPECT_TRUE(parse({"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", option}).asks_for_help());
    EXPECT_TRUE(parse({"--volume", option}).asks_for_help());
    EXPECT_TRUE(parse({"--port", "x", option, "--port"}).asks_for_help());
    EXPECT_TRUE(parse({"--name", option}).asks_for_help());
    EXPECT_FALSE(parse({"--", option}).asks_for_help());
  }
}

TEST(CommandLine, NumbersAreWholeAndInTheirRange) {
  EXPECT_EQ(parse({"--port", "65535"}).number("--port"), 65535U);
  EXPECT_EQ(parse({"--port", "1", "--port=2"}).number("--port"), 2U);
  EXPECT_EQ(parse({}).number("--port"), 5U);
  for (const char* const text : {"65536", "-1", "7x", "", " 7", "99999999999"}) {
    EXPECT_THROW(parse({"--port", text}).number("--port"), UsageError) << text;
  }
  EXPECT_EQ(parse({"--mapper", "off"}).value("--mapper"), "off");
}

TEST(CommandLine, OperandsAreCounted) {
  EXPECT_THROW(parse({}).want_operands(1, 2, "NAME"), UsageError);
  EXPECT_THROW(parse({"a", "b", "c"}).want_operands(1, 2, "NAME"), UsageError);
  EXPECT_NO_THROW(parse({"a", "b"}).want_operands(1, 2, "NAME"));
  EXPECT_EQ(usage_error({"1", "2", "3", "4", "5", "6", "7", "8", "9", "x", "y"}),
            "too many arguments, starting at 'x'");
  Command strict = kCommand;
  strict.least = 2;
  const std::vector<const char*> one = {"a"};
  EXPECT_THROW(CommandLine(strict, one), UsageError);
}

TEST(CommandHelp, HasEveryOptionOnceWithItsText) {
  EXPECT_EQ(help_text(kCommand),
            R"(freevisa try - tries

Usage:
  freevisa try [--port N] [--mapper N|off] [-n NAME]... [--long] [NAME...]
  freevisa try --check FILE...

What it does.

Options:
  --port N         the port
  --mapper N|off   a port
  -n, --name NAME  several
  --long           a switch
  --check          only looks
  -h, --help       print this

Exit codes: 0.
)");
}

TEST(CommandHelp, LinesAreBrokenBetweenWordsAndOptions) {
  const std::string text(400, 'x');
  std::string help;
  for (int i = 0; i < 100; ++i) help += "word" + std::to_string(i) + " ";
  std::vector<Option> options(20, Option{.name = "--option", .value = "VALUE", .help = help});
  options.push_back({.name = "--long", .help = text});
  Command command = kCommand;
  command.options = options;
  std::istringstream lines(help_text(command));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(line.size() <= 100 || line.find(text) != std::string::npos) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
  EXPECT_NE(help_text(command).find("\n                  word"), std::string::npos);
}

TEST(CommandHint, NamesWhatWasProbablyMeant) {
  constexpr std::string_view kNames[] = {"sim", "list", "query", "--timeout"};
  EXPECT_EQ(hint("lsit", kNames), "; did you mean 'list'?");
  EXPECT_EQ(hint("qurey", kNames), "; did you mean 'query'?");
  EXPECT_EQ(hint("sin", kNames), "; did you mean 'sim'?");
  EXPECT_EQ(hint("--tim", kNames), "; did you mean '--timeout'?");
  for (const char* const far : {"", "x", "dance", "sxy", "mis", "--"}) {
    EXPECT_EQ(hint(far, kNames), "") << far;
  }
  EXPECT_EQ(hint(std::string(1000000, 'a'), kNames), "") << "in no time";
}

}  // namespace
}  // namespace visa::tool
