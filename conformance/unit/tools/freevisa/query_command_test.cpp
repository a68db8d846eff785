// SPDX-License-Identifier: MIT
// freevisa query: what is wrong is said before a command is sent. What it prints is looked at in
// command_test and in conformance/clients/command.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {
namespace {

int run(const std::vector<const char*>& arguments) {
  const Command& query = *find_command("query");
  return query.run(CommandLine(query, arguments));
}

TEST(QueryCommand, FormsOfAnAnswerExcludeEachOther) {
  EXPECT_THROW(run({"--raw", "--json", "dmm", "*IDN?"}), UsageError);
  EXPECT_THROW(run({"--binary", "--json", "dmm", "*IDN?"}), UsageError);
}

TEST(QueryCommand, AFileThatCannotBeWrittenIsSaidBeforeTheInstrumentIsOpened) {
  try {
    run({"-o", "/nonexistent/folder/answer", "no such instrument", "*RST"});
    FAIL();
  } catch (const OutputFailure& failure) {
    EXPECT_EQ(failure.text,
              "cannot write /nonexistent/folder/answer: No such file or directory; is there such a "
              "folder?");
  }
}

TEST(QueryCommand, AnInstrumentThatCannotBeOpenedIsNamedWithTheReason) {
  try {
    run({"no such instrument", "*IDN?"});
    FAIL();
  } catch (const VisaFailure& failure) {
    EXPECT_EQ(failure.text.find("cannot open no such instrument: VI_ERROR_INV_RSRC_NAME"), 0U)
        << failure.text;
    EXPECT_NE(failure.text.find("an alias must stand in the configuration"), std::string::npos);
  }
}

}  // namespace
}  // namespace visa::tool
