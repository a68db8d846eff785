// SPDX-License-Identifier: MIT
// freevisa sim with a program: what the program finds, and how both end.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

struct Ended {
  int code = 0;
  std::string output;
};

Process start(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {FREEVISA_COMMAND, "sim"});
  return Process(arguments, {"FREEVISA_CONFIG=/dev/null",
                             std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME});
}

Ended run(const std::vector<std::string>& arguments) {
  Process process = start(arguments);
  Ended ended;
  ended.output = process.output();
  ended.code = process.wait();
  return ended;
}

TEST(StartedProgram, FindsTheInstrumentsAndItsEndIsThatOfTheBench) {
  const Ended ended =
      run({"dmm", "--", "sh", "-c", std::string(FREEVISA_COMMAND) + " query dmm '*IDN?'; exit 7"});
  EXPECT_EQ(ended.code, 7);
  EXPECT_NE(ended.output.find("Virtual Multimeter"), std::string::npos) << ended.output;
  EXPECT_EQ(ended.output.find("ready"), std::string::npos) << "nothing but what it prints itself";
}

TEST(StartedProgram, ItsConfigurationGoesWithIt) {
  const Ended ended = run({"dmm", "--", "sh", "-c", "echo \"<$FREEVISA_CONFIG>\""});
  const std::size_t begin = ended.output.find('<');
  const std::size_t end = ended.output.find('>');
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos) << ended.output;
  EXPECT_NE(::access(ended.output.substr(begin + 1, end - begin - 1).c_str(), F_OK), 0);
}

TEST(StartedProgram, ASignalIsPassedOn) {
  Process process = start({"dmm", "--", "sh", "-c",
                           "trap 'echo got; exit 3' TERM; echo up; "
                           "while :; do sleep 0.05; done"});
  process.output_until("up");
  process.signal(SIGTERM);
  EXPECT_NE(process.output().find("got"), std::string::npos);
  EXPECT_EQ(process.wait(), 3);
}

TEST(StartedProgram, AProgramThatASignalEnds) {
  EXPECT_EQ(run({"dmm", "--", "sh", "-c", "kill -9 $$"}).code, 128 + 9);
}

// `freevisa config edit` asks for the exit code without being told of the end.
TEST(StartedProgram, ItsExitCodeIsWaitedFor) {
  const std::string file =
      ::testing::TempDir() + "started_program_" + std::to_string(::getpid()) + ".toml";
  for (const std::string editor : {"exec false", "kill -9 $$", "no-such-editor"}) {
    Process edit({FREEVISA_COMMAND, "config", "edit", "--file", file},
                 {"VISUAL=sh -c '" + editor + "'", "FREEVISA_CONFIG=/dev/null"});
    const std::string told = edit.output();
    EXPECT_EQ(edit.wait(), 1) << told;
    EXPECT_NE(told.find(file + " stays as it was: the editor "), std::string::npos) << told;
  }
}

TEST(StartedProgram, WhatCannotBeStartedIsSaid) {
  const Ended missing = run({"dmm", "--", "/nonexistent/program"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.output,
            "freevisa: cannot start '/nonexistent/program': No such file or directory; is it "
            "installed, and its folder in PATH? 'FOLDER/NAME' names a file\n");
  EXPECT_NE(run({"dmm", "--", "/etc"}).output.find("; may this user run it ('chmod +x')"),
            std::string::npos);
  EXPECT_EQ(run({"dmm", "--"}).code, 2);
  EXPECT_EQ(run({"--list", "--", "true"}).code, 2);
}

}  // namespace
}  // namespace visa::tool
