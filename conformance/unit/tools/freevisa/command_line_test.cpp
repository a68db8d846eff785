// SPDX-License-Identifier: MIT
#include "tools/freevisa/command_line.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::tool {
namespace {

constexpr CommandLine::Option kOptions[] = {{"--port", true}, {"--long", false}};

CommandLine parse(std::vector<const char*> arguments) {
  return CommandLine(arguments, kOptions);
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

TEST(CommandLine, TwoDashesEndTheOptions) {
  EXPECT_EQ(parse({"--", "--long", "-"}).operands(), (std::vector<std::string>{"--long", "-"}));
}

TEST(CommandLine, WhatIsWrongIsNamed) {
  EXPECT_EQ(usage_error({"--prot", "7"}), "unknown option --prot");
  EXPECT_EQ(usage_error({"--port"}), "option --port needs a value");
  EXPECT_EQ(usage_error({"--long=1"}), "option --long takes no value");
}

TEST(CommandLine, NumbersAreWholeAndInTheirRange) {
  EXPECT_EQ(parse({"--port", "65535"}).number("--port", 5, 0, 65535), 65535U);
  EXPECT_EQ(parse({}).number("--port", 5, 0, 65535), 5U);
  for (const char* const text : {"65536", "-1", "7x", "", " 7", "99999999999"}) {
    EXPECT_THROW(parse({"--port", text}).number("--port", 5, 0, 65535), UsageError) << text;
  }
}

TEST(CommandLine, OperandsAreCounted) {
  EXPECT_THROW(parse({}).want_operands(1, 2, "NAME"), UsageError);
  EXPECT_THROW(parse({"a", "b", "c"}).want_operands(1, 2, "NAME"), UsageError);
  EXPECT_NO_THROW(parse({"a", "b"}).want_operands(1, 2, "NAME"));
}

}  // namespace
}  // namespace visa::tool
