// SPDX-License-Identifier: MIT
// What the command does around its subcommands: names that it does not know, and standard
// descriptors that are full or closed.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "conformance/unit/tools/freevisa/process.h"

namespace visa::tool {
namespace {

struct Ended {
  int code = 0;
  std::string output;
};

/// By a shell, whose redirections close what the test wants closed.
Ended run(const std::string& command) {
  Process process({"/bin/sh", "-c", command},
                  {std::string("FREEVISA=") + FREEVISA_COMMAND, "FREEVISA_CONFIG=/dev/null",
                   std::string("XDG_CONFIG_HOME=") + FREEVISA_NO_LAN_HOME});
  Ended ended;
  ended.output = process.output();
  ended.code = process.wait();
  return ended;
}

TEST(Main, UnknownNamesAreUsageErrorsThatGuess) {
  const Ended ended = run("$FREEVISA qurey dmm");
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(ended.output,
            "freevisa: unknown command 'qurey'; did you mean 'query'?\nTry 'freevisa --help'.\n");
  EXPECT_NE(run("$FREEVISA --hlep").output.find("unknown option '--hlep'; did you mean '--help'?"),
            std::string::npos);
  EXPECT_NE(run("$FREEVISA").output.find("expected a command: doctor, "), std::string::npos);
}

TEST(Main, AnEmptyNameIsNoInstrument) {
  for (const char* const words : {"query '' '*IDN?'", "doctor ''", "info ''", "shell ''"}) {
    const Ended ended = run(std::string("$FREEVISA ") + words);
    EXPECT_EQ(ended.code, 2) << words;
    EXPECT_EQ(ended.output.find("freevisa: NAME is empty: is a variable of the shell not set?"), 0U)
        << ended.output;
  }
}

TEST(Main, AnAnswerThatDoesNotGoOutIsAFailureWithItsReason) {
  const Ended full = run("$FREEVISA --help > /dev/full");
  EXPECT_EQ(full.code, 1);
  EXPECT_EQ(
      full.output,
      "freevisa: cannot write to standard output: No space left on device; is there room on the "
      "disk?\n");
  const Ended closed = run("$FREEVISA --help >&-");
  EXPECT_EQ(closed.code, 1);
  EXPECT_EQ(closed.output,
            "freevisa: cannot write to standard output: Bad file descriptor; is it closed "
            "('>&-')?\n");
}

// The bench's answer must not go to a socket of the command, which would have the number 1.
TEST(Main, WhatTheLibraryOpensDoesNotBecomeAStandardDescriptor) {
  const Ended ended =
      run("$FREEVISA sim dmm -- sh -c '$FREEVISA query --timeout 10000 dmm \"*IDN?\" >&- <&-; echo "
          "code $?; $FREEVISA query --timeout 10000 dmm \"*IDN?\" 2>&- <&-'");
  EXPECT_EQ(ended.output,
            "freevisa: cannot write to standard output: Bad file descriptor; is it closed "
            "('>&-')?\ncode 1\nFreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  EXPECT_EQ(ended.code, 0);
}

TEST(Main, ReadingsThatNobodyGetsEndAWatch) {
  const Ended ended = run("$FREEVISA sim dmm -- $FREEVISA watch -n 0 --csv /dev/full dmm 'READ?'");
  EXPECT_EQ(ended.code, 1);
  EXPECT_NE(ended.output.find("cannot write /dev/full: No space left on device"), std::string::npos)
      << ended.output;
  EXPECT_EQ(run("$FREEVISA sim dmm -- $FREEVISA watch -n 0 dmm 'READ?' > /dev/full").code, 1);
}

TEST(Main, ABenchThatCannotTellItsPortsEnds) {
  EXPECT_EQ(run("$FREEVISA sim --port 0 --no-serial dmm > /dev/full").code, 1);
  EXPECT_NE(run("$FREEVISA sim --port 0 --no-serial --config-out /dev/full dmm")
                .output.find("cannot write /dev/full: No space left on device"),
            std::string::npos);
}

}  // namespace
}  // namespace visa::tool
