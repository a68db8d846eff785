// SPDX-License-Identifier: MIT
// A program's trace comes whole, whatever ends the program.
#include "tools/freevisa/trace/trace_run.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::tool {
namespace {

TEST(TraceLineCutter, CutsLinesHoweverTheBytesCome) {
  std::vector<std::string> lines;
  const auto take = [&lines](std::string_view line) { lines.emplace_back(line); };
  TraceLineCutter cutter;
  cutter.add("one\ntw", take);
  cutter.add("o", take);
  cutter.add("\n\nthree", take);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", ""}));
  cutter.finish(take);
  EXPECT_EQ(lines.back(), "three");
  lines.clear();
  cutter.add(std::string(TraceLineCutter::kLongest, 'x'), take);
  cutter.add(std::string(10, 'y') + "\nnext\n", take);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), TraceLineCutter::kLongest);
  EXPECT_EQ(lines[1], "next");
}

TEST(TraceRun, EveryLineComesAndTheExitCodeIsTheProgramsOwn) {
  std::vector<std::string> lines;
  const int code = run_traced(
      {.program = {"sh", "-c",
                   "test $FREEVISA_TRACE_LEVEL = wire || exit 9; i=0; while [ $i -lt 2000 ]; do "
                   "echo $i >> $FREEVISA_TRACE; i=$((i+1)); done; printf torn >> $FREEVISA_TRACE; "
                   "kill -9 $$"},
       .level = "wire",
       .on_line = [&lines](std::string_view line) { lines.emplace_back(line); }});
  EXPECT_EQ(code, 128 + 9);
  ASSERT_EQ(lines.size(), 2001u);
  for (std::size_t i = 0; i < 2000; ++i) EXPECT_EQ(lines[i], std::to_string(i));
  EXPECT_EQ(lines.back(), "torn");
}

}  // namespace
}  // namespace visa::tool
