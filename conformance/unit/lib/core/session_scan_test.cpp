// SPDX-License-Identifier: MIT
// How the formatted read buffer is filled, what stays in it between calls and what is dropped (the
// fact sheet's 3.1), viQueryf, viBufRead, blocks on wires with and without an END of their own.
#include <gtest/gtest.h>
#include <visa.h>

#include <cstring>
#include <future>
#include <string>
#include <vector>

#include "conformance/unit/support/visa_session.h"
#include "lib/format/formatted_device.h"

namespace visa::core {
namespace {

using spi::StopReason;
using test::FakeWire;

class FormattedRead : public test::VisaSession {
 protected:
  void open_on(const char* name) { session_ = open(name, wire_); }
  void put(ViAttr id, ViAttrState value) { ASSERT_EQ(set(session_, id, value), VI_SUCCESS); }
  std::string text(const char* format) {
    char answer[512];
    std::memset(answer, '#', sizeof answer);
    EXPECT_EQ(::viScanf(session_, format, answer), VI_SUCCESS);
    return std::string(answer, ::strnlen(answer, sizeof answer));
  }
  ViStatus buf_read(std::string& data, ViUInt32 room) {
    data.assign(room, '\0');
    ViUInt32 count = 0xDEAD;
    const auto status = ::viBufRead(session_, reinterpret_cast<ViPBuf>(data.data()), room, &count);
    data.resize(count <= room ? count : 0);
    return status;
  }

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
  int value_ = -1;
};

TEST_F(FormattedRead, WhatIsLeftOfAnAnswerStays) {
  open_on(test::kGpib);
  wire_->answers("1,2,3\n");
  ViInt32 two[2] = {};
  EXPECT_EQ(::viScanf(session_, "%,2d", two), VI_SUCCESS);
  EXPECT_EQ(two[1], 2);
  EXPECT_EQ(text("%t"), ",3\n");  // example 8
  EXPECT_EQ(wire_->count("read"), 1u) << "read in one piece";
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_ERROR_TMO) << "example 25";
}

TEST_F(FormattedRead, AStaleEndIsNoAnswerToTheNextQuestion) {
  open_on(test::kGpib);
  wire_->answers("+0\n");
  EXPECT_EQ(::viQueryf(session_, "*TST?\n", "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viScanf(session_, "%*t"), VI_SUCCESS) << "example 29: the newline is still there";
  EXPECT_EQ(wire_->count("read"), 1u);
  for (int i = 1; i <= 3; ++i) {
    wire_->answers(std::to_string(i) + "\n");
    EXPECT_EQ(::viQueryf(session_, "VOLT?", "%d", &value_), VI_SUCCESS);
    EXPECT_EQ(value_, i);
  }
  wire_->answers("4\n");
  ASSERT_EQ(write(session_, "VOLT?"), VI_SUCCESS);
  EXPECT_EQ(text("%t"), "4\n") << "a plain write asks, too";
  // A rest that says something is kept.
  wire_->answers("0,\"No error\"\n");
  EXPECT_EQ(::viQueryf(session_, "SYST:ERR?", "%d", &value_), VI_SUCCESS);
  ::viPrintf(session_, "*CLS\n");
  EXPECT_EQ(text("%t"), ",\"No error\"\n");
}

TEST_F(FormattedRead, OnAccessTheRestIsDropped) {
  open_on(test::kGpib);
  put(VI_ATTR_RD_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  wire_->answers("0,\"No error\"\n").answers("5\n").answers("6,7\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 5);
  std::string data;
  EXPECT_EQ(buf_read(data, 1), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(buf_read(data, 1), VI_ERROR_TMO) << "the rest of `6,7` went with the call";
}

TEST_F(FormattedRead, RealDriversFormats) {
  open_on(test::kGpib);
  char first[256];
  char second[256];
  ViInt16 status = -1;
  wire_->answers("+0,\"No error\"\n");
  EXPECT_EQ(::viQueryf(session_, ":SYST:ERR?\n", "%ld,%t", &value_, first), VI_SUCCESS);  // 27
  EXPECT_EQ(value_, 0);
  EXPECT_STREQ(first, "\"No error\"\n");
  wire_->answers("+0,\"No error\"\n");
  EXPECT_EQ(::viQueryf(session_, ":SYST:ERR?", "%ld,\"%256[^\"]", &value_, first), VI_SUCCESS);
  EXPECT_STREQ(first, "No error");  // 28
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF_DISCARD), VI_SUCCESS);
  wire_->answers("0\n");
  ASSERT_EQ(write(session_, "*TST?"), VI_SUCCESS);
  EXPECT_EQ(::viScanf(session_, "%hd%*t", &status), VI_SUCCESS);  // 29
  EXPECT_EQ(status, 0);
  wire_->answers("ROHDE&SCHWARZ,NRVD,1,V1.5\n");
  EXPECT_EQ(::viQueryf(session_, "*IDN?\n", "%*[^,],%256[^,]%*T", first), VI_SUCCESS);  // 33
  EXPECT_STREQ(first, "NRVD");
  wire_->answers("1\n");
  EXPECT_EQ(::viQueryf(session_, "*OPC?\n", "%*t"), VI_SUCCESS);  // 43
  ViReal64 number = 0;
  wire_->answers("2.5E0\n");
  EXPECT_EQ(::viQueryf(session_, "%s%s?", "%Le", "VOLT", "1", &number), VI_SUCCESS);  // 46
  EXPECT_EQ(number, 2.5);
  EXPECT_EQ(wire_->last("write").data, "VOLT1?");
  EXPECT_EQ(wire_->last("write").end, spi::WriteEnd::end);
  wire_->answers("X");
  EXPECT_EQ(::viQueryf(session_, "TST;", "%c", first), VI_SUCCESS);  // 55
  EXPECT_EQ(first[0], 'X');
  wire_->answers("ACME,X1,0\n");
  EXPECT_EQ(::viQueryf(session_, "%s", "%255t", "*IDN?\n", second), VI_SUCCESS);  // 56
  EXPECT_EQ(wire_->last("write").data, "*IDN?\n");
  EXPECT_STREQ(second, "ACME,X1,0\n");
}

TEST_F(FormattedRead, AWriteThatFailsAsksNothing) {
  open_on(test::kGpib);
  wire_->fails("write", Status::error_tmo);
  EXPECT_EQ(::viQueryf(session_, "A?\n", "%d", &value_), VI_ERROR_TMO);
  EXPECT_EQ(::viQueryf(session_, "A?%q", "%d", &value_), VI_ERROR_INV_FMT);
  EXPECT_EQ(wire_->count("write"), 1u);
  EXPECT_EQ(::viQueryf(session_, "A?", "%q", &value_), VI_ERROR_INV_FMT);
  EXPECT_EQ(::viQueryf(session_, "A?", nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(::viQueryf(session_, nullptr, "%d", &value_), VI_ERROR_INV_FMT);
  EXPECT_EQ(wire_->count("write"), 1u) << "no answer is left on the way for a wrong format";
  EXPECT_EQ(wire_->count("read"), 0u);
}

TEST_F(FormattedRead, AFailedTransferLeavesTheBufferEmpty) {
  open_on(test::kGpib);
  wire_->answers("1,", StopReason::count).fails("read", Status::error_tmo);
  int second = -7;
  EXPECT_EQ(::viScanf(session_, "%d,%d", &value_, &second), VI_ERROR_TMO);
  EXPECT_EQ(value_, 1) << "converted before the failure";
  EXPECT_EQ(second, -7);
  wire_->answers("9\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 9);
  wire_->fails("read", Status::error_asrl_parity);
  EXPECT_EQ(::viScanf(session_, "%*t%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_ERROR_IO) << "viScanf has no such status";
  wire_->fails("read", Status::error_conn_lost, "the cable is out");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_ERROR_CONN_LOST);
  EXPECT_NE(description(session_, VI_ERROR_CONN_LOST).find("the cable is out"), std::string::npos);
}

TEST_F(FormattedRead, ANumberInPiecesIsOne) {
  open_on(test::kGpib);
  wire_->answers("12", StopReason::count).answers("34", StopReason::count).answers("5\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 12345);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);  // ends reads, but on a wire with END no conversion
  wire_->answers("a\n", StopReason::termchar).answers("b\n");
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF_DISCARD), VI_SUCCESS);
  EXPECT_EQ(text("%t"), "a\nb\n");
}

TEST_F(FormattedRead, SuppressedEndEndsNothing) {
  open_on(test::kGpib);
  put(VI_ATTR_SUPPRESS_END_EN, VI_TRUE);
  wire_->answers("12").answers("3\nrest\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 123);
  EXPECT_EQ(text("%T"), "\n");
  EXPECT_EQ(text("%T"), "rest\n");
  EXPECT_EQ(::viScanf(session_, "%*t"), VI_ERROR_TMO);
}

TEST_F(FormattedRead, AStreamAnswersWithoutATerminationCharacter) {
  open_on(test::kSocket);  // SUPPRESS_END_EN is true there: a pause is no END
  wire_->answers("12").answers("3\n");
  EXPECT_EQ(::viQueryf(session_, "A?\n", "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 123);
  EXPECT_FALSE(wire_->last("read").rule.suppress_end) << "what has come is looked at";
  EXPECT_EQ(text("%T"), "\n");
  EXPECT_EQ(::viScanf(session_, "%*t"), VI_ERROR_TMO);
  put(VI_ATTR_SUPPRESS_END_EN, VI_FALSE);
  wire_->answers("a\nb\n");
  EXPECT_EQ(text("%t"), "a\nb\n") << "a pause is END now";
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  wire_->answers("c\n", StopReason::termchar);
  EXPECT_EQ(text("%t"), "c\n") << "and so is the termination character";
}

TEST_F(FormattedRead, ABlockOfAStreamMayContainTheTerminationCharacter) {
  open_on(test::kSocket);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  char block[64] = {};
  ViInt32 count = sizeof block;
  wire_->answers("#18\n", StopReason::termchar)
      .answers("1\n2\n3", StopReason::end)
      .answers("4\n\n", StopReason::termchar);
  EXPECT_EQ(::viQueryf(session_, "CURV?\n", "%#b", &count, block), VI_SUCCESS);
  EXPECT_EQ(std::string(block, static_cast<std::size_t>(count)), "\n1\n2\n34\n");
  // The last byte looks like the end: what really ends the message comes with the next answer.
  wire_->answers("#12a\n", StopReason::termchar)
      .answers("\n", StopReason::termchar)
      .answers("5\n", StopReason::termchar);
  count = sizeof block;
  EXPECT_EQ(::viQueryf(session_, "CURV?\n", "%#b", &count, block), VI_SUCCESS);
  EXPECT_EQ(count, 2);
  EXPECT_EQ(::viQueryf(session_, "A?\n", "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(value_, 5);
}

TEST_F(FormattedRead, ALargeBlockIsReadIntoItsPlace) {
  open_on(test::kGpib);
  constexpr int kSize = 1'000'000;
  std::string data(kSize, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31);
  std::vector<char> block(kSize + 1, '#');
  wire_->answers("#71000000" + data + "\n");
  ViInt32 count = kSize;
  EXPECT_EQ(::viScanf(session_, "%#b", &count, block.data()), VI_SUCCESS);
  EXPECT_EQ(count, kSize);
  EXPECT_TRUE(std::equal(data.begin(), data.end(), block.begin()));
  EXPECT_EQ(block.back(), '#');
  std::vector<std::size_t> rooms;
  for (const auto& one : wire_->seen()) rooms.push_back(one.room);
  ASSERT_EQ(rooms.size(), 3u) << "the head, the data, the end";
  EXPECT_EQ(rooms[0], format::kDefaultBufferSize);
  EXPECT_EQ(rooms[1], 1'000'000u + 9 - format::kDefaultBufferSize - 1);
  EXPECT_EQ(::viScanf(session_, "%*t"), VI_SUCCESS) << "newline and END are there (example 17)";
}

TEST_F(FormattedRead, BufReadFollowsTheRulesOfRead) {
  open_on(test::kGpib);
  std::string data;
  wire_->answers("1 0123456789\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(buf_read(data, 4), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(data, " 012");
  EXPECT_EQ(buf_read(data, 8), VI_SUCCESS) << "END over the count";
  EXPECT_EQ(data, "3456789\n");
  EXPECT_EQ(wire_->count("read"), 1u);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  wire_->answers("a\nb\n");
  EXPECT_EQ(buf_read(data, 100), VI_SUCCESS_TERM_CHAR);
  EXPECT_EQ(data, "a\n");
  EXPECT_EQ(buf_read(data, 100), VI_SUCCESS);
  EXPECT_EQ(data, "b\n");
  const std::string large(100'000, 'x');
  wire_->answers(large);
  EXPECT_EQ(buf_read(data, 200'000), VI_SUCCESS);
  EXPECT_EQ(data, large);
  EXPECT_EQ(wire_->last("read").room, 200'000u) << "straight into the caller's memory";
  wire_->then({.operation = "read", .status = Status::error_tmo, .data = "part"});
  EXPECT_EQ(buf_read(data, 100), VI_ERROR_TMO);
  EXPECT_EQ(data, "part") << "what came belongs to the caller";
  wire_->fails("read", Status::error_conn_lost);
  EXPECT_EQ(buf_read(data, 100), VI_ERROR_IO) << "it has no CONN_LOST";
  EXPECT_EQ(buf_read(data, 0), VI_SUCCESS_MAX_CNT);
  EXPECT_EQ(::viBufRead(session_, nullptr, 4, nullptr), VI_ERROR_USER_BUF);
  open_on(test::kSocket);
  put(VI_ATTR_TERMCHAR_EN, VI_TRUE);
  wire_->answers("a\n", StopReason::termchar);
  EXPECT_EQ(buf_read(data, 100), VI_SUCCESS_TERM_CHAR);
}

TEST_F(FormattedRead, FlushOfTheReadBuffer) {
  open_on(test::kGpib);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS);
  EXPECT_EQ(wire_->count("read"), 0u) << "6.2.5";
  wire_->answers("1,2", StopReason::count).answers(",3", StopReason::count).answers(",4\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS);
  EXPECT_EQ(wire_->count("read"), 3u) << "to the END of the message";
  wire_->answers("1,2\n");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS);
  EXPECT_EQ(wire_->count("read"), 4u) << "END was there";
  wire_->answers("1,2", StopReason::count);
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF_DISCARD), VI_SUCCESS);
  EXPECT_EQ(wire_->count("read"), 5u);
  wire_->answers("1,2", StopReason::count).fails("read", Status::error_tmo);
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_ERROR_TMO);
  open_on(test::kSocket);
  wire_->answers("1,2");
  EXPECT_EQ(::viScanf(session_, "%d", &value_), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_READ_BUF), VI_SUCCESS) << "no END would ever come";
  EXPECT_EQ(wire_->count("read"), 1u);
}

TEST_F(FormattedRead, StringsAreScannedToTheirNul) {
  open_on(test::kGpib);
  int second = -1;
  const auto scan = [&](const char* input, const char* format, auto... arguments) {
    return ::viSScanf(session_, reinterpret_cast<ViConstBuf>(input), format, arguments...);
  };
  EXPECT_EQ(scan("12 34", "%d%d", &value_, &second), VI_SUCCESS);
  EXPECT_EQ(value_ * 100 + second, 1234);
  const std::string long_text = std::string(9000, ' ') + "77" + std::string(5000, '0') + "x";
  char word[16] = {};
  EXPECT_EQ(scan(long_text.c_str(), "%15s", word), VI_SUCCESS);
  EXPECT_STREQ(word, "770000000000000");
  EXPECT_EQ(scan("1", "%q", &value_), VI_ERROR_INV_FMT);
  EXPECT_EQ(scan(nullptr, "%d", &value_), VI_ERROR_USER_BUF);
  EXPECT_EQ(scan("1", nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(wire_->count("read"), 0u);
}

TEST_F(FormattedRead, AQueryIsAloneInTheSessionAScanInTheBuffers) {
  bench().prepare().with({.duplex = true});  // the lane of the wire for writes is free meanwhile
  session_ = open(test::kLan);
  wire_ = bench().wire(bench().opened().size() - 1);
  const auto while_blocked = [this](auto&& call, auto&& look) {
    put(VI_ATTR_TMO_VALUE, 60'000);
    wire_->then({.operation = "read", .data = "1\n", .reason = StopReason::end, .blocks = true});
    auto result = std::async(std::launch::async, call);
    ASSERT_TRUE(wire_->wait_until_blocked());
    put(VI_ATTR_TMO_VALUE, 20);
    look();
    EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
    EXPECT_EQ(result.get(), VI_ERROR_ABORT);
  };
  while_blocked([this] { return ::viQueryf(session_, "A?\n", "%d", &value_); },
                [this] {
                  EXPECT_EQ(::viPrintf(session_, "B\n"), VI_ERROR_TMO);
                  EXPECT_EQ(write(session_, "B\n"), VI_ERROR_TMO) << "nothing between the two";
                });
  while_blocked([this] { return ::viScanf(session_, "%d", &value_); },
                [this] {
                  EXPECT_EQ(::viPrintf(session_, "B\n"), VI_ERROR_TMO) << "both have one lane";
                  EXPECT_EQ(write(session_, "C\n"), VI_SUCCESS);
                });
  EXPECT_EQ(wire_->written(), "A?\nC\n");
}

TEST_F(FormattedRead, TerminateAndCloseEndAScan) {
  open_on(test::kGpib);
  put(VI_ATTR_TMO_VALUE, VI_TMO_INFINITE);
  wire_->blocks("read");
  auto scan = std::async(std::launch::async, [this] { return ::viScanf(session_, "%d", &value_); });
  ASSERT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(::viTerminate(session_, VI_NULL, VI_NULL), VI_SUCCESS);
  EXPECT_EQ(scan.get(), VI_ERROR_ABORT);
  wire_->blocks("read");
  scan = std::async(std::launch::async, [this] { return ::viScanf(session_, "%d", &value_); });
  ASSERT_TRUE(wire_->wait_until_blocked());
  EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  EXPECT_EQ(scan.get(), VI_ERROR_ABORT);
}

}  // namespace
}  // namespace visa::core
