// SPDX-License-Identifier: MIT
// freevisa write: a file that cannot be read is no empty block. What it sends is looked at in
// conformance/clients/command.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

std::string failure_of(const std::vector<const char*>& arguments) {
  const Command& write = *find_command("write");
  try {
    write.run(CommandLine(write, arguments));
  } catch (const VisaFailure& failure) {
    return failure.text;
  }
  return "";
}

TEST(WriteCommand, AFileThatCannotBeReadIsSaidBeforeTheInstrumentIsOpened) {
  EXPECT_EQ(failure_of({"--block", "/nonexistent/wave", "no such instrument", "DATA "}),
            "cannot read '/nonexistent/wave': No such file or directory\n  Nothing was sent.");
  EXPECT_EQ(failure_of({"--data", "", "no such instrument"}),
            "cannot read '': No such file or directory\n  Nothing was sent.");
  EXPECT_EQ(failure_of({"--data", "/tmp", "no such instrument"}),
            "cannot read '/tmp': Is a directory\n  Nothing was sent.");
}

TEST(WriteCommand, BlockAndDataExcludeEachOther) {
  EXPECT_THROW(failure_of({"--block", "a", "--data", "b", "dmm", "DATA "}), UsageError);
  EXPECT_THROW(failure_of({"dmm"}), UsageError);
}

}  // namespace
}  // namespace visa::tool
