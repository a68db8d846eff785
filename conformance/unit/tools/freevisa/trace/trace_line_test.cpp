// SPDX-License-Identifier: MIT
// The lines that lib/abi and lib/core write, taken apart; and what is none of them.
#include "tools/freevisa/trace/trace_line.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

constexpr const char* kBegin = "2026-11-30T21:05:28.123456Z 12/34 ";

TraceLine parsed(const std::string& text) {
  return parse_trace_line(kBegin + text).value_or(TraceLine());
}

TEST(TraceLine, BeginsWithTimeProcessAndThread) {
  const auto line = parsed("configuration: a note");
  EXPECT_EQ(line.kind, TraceLine::Kind::note);
  EXPECT_EQ(line.note, "configuration: a note");
  EXPECT_EQ(line.process, 12);
  EXPECT_EQ(line.thread, 34);
  EXPECT_EQ(line.time, 1796072728123456);
  for (const char* const none :
       {"", "2026", "2026-11-30T21:05:28.123456Z", "2026-11-30T21:05:28.123456Z 1/",
        "2026-13-30T21:05:28.123456Z 1/2 x", "Traceback (most recent call last):"}) {
    EXPECT_FALSE(parse_trace_line(none)) << none;
  }
}

TEST(TraceLine, CallHasItsArguments) {
  const auto line = parsed(R"(> viWrite(vi=2, buf="A, b=\"x\"\n", cnt=9))");
  EXPECT_EQ(line.kind, TraceLine::Kind::call);
  EXPECT_EQ(line.function, "viWrite");
  ASSERT_EQ(line.arguments.size(), 3u);
  EXPECT_EQ(line.arguments[1].value, R"("A, b=\"x\"\n")");
  EXPECT_EQ(line.arguments[2].name, "cnt");
  EXPECT_EQ(parsed("> viOpenDefaultRM()").arguments.size(), 0u);
}

TEST(TraceLine, ResultHasStatusReasonResultsAndTime) {
  const auto good = parsed(R"(< viRead = VI_SUCCESS_TERM_CHAR retCnt=2, buf="1\n" [0.250 ms])");
  EXPECT_EQ(good.kind, TraceLine::Kind::result);
  EXPECT_EQ(good.status, "VI_SUCCESS_TERM_CHAR");
  EXPECT_EQ(good.detail, "");
  EXPECT_DOUBLE_EQ(good.milliseconds, 0.25);
  ASSERT_EQ(good.arguments.size(), 2u);
  EXPECT_EQ(good.arguments[1].value, R"("1\n")");

  const auto bad =
      parsed("< viRead = VI_ERROR_TMO: no answer; is it on [1]; x; retCnt=0 [2000.1 ms]");
  EXPECT_EQ(bad.status, "VI_ERROR_TMO");
  EXPECT_EQ(bad.detail, "no answer; is it on [1]; x");
  ASSERT_EQ(bad.arguments.size(), 1u);
  EXPECT_EQ(bad.arguments[0].value, "0");

  const auto plain = parsed("< viClose = VI_SUCCESS [0.001 ms]");
  EXPECT_EQ(plain.status, "VI_SUCCESS");
  EXPECT_TRUE(plain.arguments.empty());
}

TEST(TraceLine, WireHasDirectionBytesMarkAndStatus) {
  const auto sent = parsed(
      "TCPIP0::scope::5025::SOCKET > write 6 bytes 2A 49 44 4E 3F 0A \"*IDN?.\" END (0.000034 s)");
  ASSERT_EQ(sent.kind, TraceLine::Kind::wire);
  EXPECT_EQ(sent.wire.resource, "TCPIP0::scope::5025::SOCKET");
  EXPECT_EQ(sent.wire.direction, '>');
  EXPECT_EQ(sent.wire.name, "write");
  EXPECT_EQ(sent.wire.data, "*IDN?\n");
  EXPECT_EQ(sent.wire.mark, "END");
  EXPECT_EQ(sent.wire.took, 34);

  const auto lost = parsed("GPIB0::2::INSTR < read 0 bytes VI_ERROR_TMO (2.000104 s)");
  EXPECT_EQ(lost.wire.status, "VI_ERROR_TMO");
  EXPECT_EQ(lost.wire.mark, "");
  EXPECT_EQ(lost.wire.took, 2000104);

  const auto event = parsed("USB0::1::2::S::INSTR < event 0x3FFF200B (0.000000 s)");
  EXPECT_EQ(event.wire.name, "event");
  EXPECT_EQ(event.wire.mark, "0x3FFF200B");
  EXPECT_EQ(parsed("r > enable event (0.1 s)").wire.name, "enable event");
  EXPECT_EQ(parsed("r   close (0.1 s)").wire.name, "close");
  EXPECT_EQ(parsed("r < stb 1 bytes 42 \"B\" (0.1 s)").wire.data, "B");
}

TEST(TraceLine, OnlyTheBeginningOfLargeDataIsThere) {
  std::string figures;
  for (int i = 0; i < 64; ++i) figures += " 22";
  const auto line =
      parsed("r < read 100 bytes" + figures + " \"" + std::string(64, '"') + "\"... END (0.1 s)");
  ASSERT_EQ(line.kind, TraceLine::Kind::wire);
  EXPECT_EQ(line.wire.size, 100u);
  EXPECT_EQ(line.wire.data, std::string(64, '"'));
  EXPECT_EQ(line.wire.mark, "END");
}

TEST(TraceLine, DataOfANumberedSessionShowsWhatIsHidden) {
  const auto line = parsed("r #7 + 41**42");
  ASSERT_EQ(line.kind, TraceLine::Kind::data);
  EXPECT_EQ(line.wire.channel, 7u);
  EXPECT_EQ(line.wire.data, "A*B");
  EXPECT_EQ(line.wire.hidden, std::string("\0\1", 2));
}

TEST(TraceLine, OperationBeganBeforeItEnded) {
  const auto line = parsed("r #7 > write 2 bytes END (0.000034 s, 0.000061 s)");
  ASSERT_EQ(line.kind, TraceLine::Kind::wire);
  EXPECT_EQ(line.wire.took, 34);
  EXPECT_EQ(line.wire.began, line.time - 61);
  const auto plain = parsed("r > clear (0.000034 s)");
  EXPECT_EQ(plain.wire.began, plain.time - 34);
}

TEST(TraceLine, WhatIsNotUnderstoodIsANote) {
  for (const char* const text :
       {"> viRead(vi=1", "< viRead = VI_SUCCESS", "r > dance 1 bytes (0.1 s)", "r + 4", "r #x + 41",
        "3 lines of this trace are missing here: nobody read them in time", ">", "< ", "a > b"}) {
    EXPECT_EQ(parsed(text).kind, TraceLine::Kind::note) << text;
  }
}

}  // namespace
}  // namespace visa::tool
