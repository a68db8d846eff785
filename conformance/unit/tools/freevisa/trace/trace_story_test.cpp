// SPDX-License-Identifier: MIT
// Calls with their returns and their operations on the wire, over threads and processes.
#include "tools/freevisa/trace/trace_story.h"

#include <gtest/gtest.h>

#include <vector>

namespace visa::tool {
namespace {

class TraceStoryTest : public ::testing::Test {
 protected:
  void add(const std::string& text, const std::string& thread = "1/1") {
    const auto line = parse_trace_line("2026-11-30T21:05:28.123456Z " + thread + " " + text);
    ASSERT_TRUE(line);
    story.add(*line);
  }
  std::vector<TracedCall> calls;
  std::vector<TraceLine> wires;
  std::vector<std::string> notes;
  TraceStory story{{[this](const TracedCall& call) { calls.push_back(call); },
                    [this](const TraceLine& line) { wires.push_back(line); },
                    [this](const TraceLine& line) { notes.push_back(line.note); }}};
};

TEST_F(TraceStoryTest, SessionGoesByTheNameItWasOpenedWith) {
  add("> viOpen(sesn=1, name=\"dmm\", mode=0, timeout=0)");
  add("TCPIP0::a::INSTR   open (0.0 s)");
  add("< viOpen = VI_SUCCESS vi=2 [1.0 ms]");
  add("> viRead(vi=2, cnt=10)");
  add("> viRead(vi=2, cnt=10)", "2/1");  // another process has another session 2
  add("TCPIP0::a::INSTR < read 1 bytes 41 \"A\" END (0.0 s)");
  add("< viRead = VI_SUCCESS retCnt=1 [0.5 ms]");
  add("< viRead = VI_ERROR_INV_OBJECT [0.1 ms]", "2/1");
  add("> viClose(vi=2)");
  add("< viClose = VI_SUCCESS [0.1 ms]");
  add("> viRead(vi=2, cnt=10)");
  story.finish();
  ASSERT_EQ(calls.size(), 5u);
  EXPECT_EQ(calls[0].wire.size(), 1u);
  EXPECT_EQ(calls[1].session, "dmm");
  ASSERT_EQ(calls[1].wire.size(), 1u);
  EXPECT_EQ(calls[1].wire[0].data, "A");
  EXPECT_EQ(calls[2].session, "");
  EXPECT_TRUE(calls[2].failed());
  EXPECT_EQ(calls[4].session, "");
  EXPECT_EQ(calls[4].status, "");
}

TEST_F(TraceStoryTest, WireOutsideOfCallsAndNotesStandAlone) {
  add("r < event 0x3FFF200B (0.0 s)", "1/9");
  add("configuration: bad");
  EXPECT_EQ(wires.size(), 1u);
  EXPECT_EQ(notes, std::vector<std::string>{"configuration: bad"});
}

TEST_F(TraceStoryTest, ReturnWithoutACallIsNobodys) {
  add("< viRead = VI_SUCCESS [0.5 ms]");
  add("> viWrite(vi=1)");
  add("< viRead = VI_SUCCESS [0.5 ms]");
  EXPECT_TRUE(calls.empty());
  add("< viWrite = VI_SUCCESS [0.5 ms]");
  EXPECT_EQ(calls.size(), 1u);
}

TEST_F(TraceStoryTest, WaitingCallIsToldOnce) {
  add("> viRead(vi=1, cnt=1)");
  const std::int64_t begin = parse_trace_line("2026-11-30T21:05:28.123456Z 1/1 x")->time;
  int told = 0;
  const auto tell = [&told](const TracedCall&) { ++told; };
  story.tell_waiting(begin + 100, 200, tell);
  EXPECT_EQ(told, 0);
  story.tell_waiting(begin + 300, 200, tell);
  story.tell_waiting(begin + 400, 200, tell);
  EXPECT_EQ(told, 1);
}

TEST_F(TraceStoryTest, HostileTraceIsBounded) {
  for (std::size_t i = 0; i < TraceStory::kMostOpen + 10; ++i) {
    add("> viRead(vi=1)", "1/" + std::to_string(i));
  }
  for (std::size_t i = 0; i < TracedCall().wire.size() + TraceStory::kMostWire + 5; ++i) {
    add("r < read 0 bytes (0.0 s)", "1/1");
  }
  story.finish();
  EXPECT_EQ(calls.size(), TraceStory::kMostOpen);
  EXPECT_EQ(calls[1].wire.size(), TraceStory::kMostWire);
  EXPECT_EQ(calls[1].more_wire, 5u);
}

}  // namespace
}  // namespace visa::tool
