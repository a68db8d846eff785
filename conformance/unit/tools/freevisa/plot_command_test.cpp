// SPDX-License-Identifier: MIT
// freevisa plot: what is wrong with its options is said before an instrument is asked. The pictures
// are looked at in plot/ and in conformance/clients/command.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {
namespace {

std::string usage_error(std::vector<const char*> arguments) {
  const Command& plot = *find_command("plot");
  arguments.insert(arguments.end(), {"scope", "CURVe?"});
  try {
    plot.run(CommandLine(plot, arguments));
  } catch (const UsageError& error) {
    return error.text;
  }
  return "";
}

TEST(PlotCommand, OptionsAreCheckedBeforeTheInstrumentIsAsked) {
  const std::string kinds = "option --output is needed: FILE.png, FILE.svg or FILE.csv";
  EXPECT_EQ(usage_error({}), kinds);
  EXPECT_EQ(usage_error({"-o", "wave"}), kinds);
  EXPECT_EQ(usage_error({"-o", "wave.jpg"}), kinds);
  EXPECT_EQ(usage_error({"-o", "wave.png", "--format", "int7"}),
            "option --format does not take 'int7'");
  EXPECT_EQ(usage_error({"-o", "wave.png", "--order", "middle"}),
            "option --order takes 'big' or 'little', not 'middle'");
  EXPECT_THROW(usage_error({"-o", "/nonexistent/folder/wave.png"}), OutputFailure);
}

}  // namespace
}  // namespace visa::tool
