// SPDX-License-Identifier: MIT
// Peers that never stop talking: every call ends by its own clock, whatever keeps coming. The rule
// of the deadlines stands in lib/format/formatted_device.h.
#include <gtest/gtest.h>
#include <visa.h>

#include <chrono>
#include <string>
#include <vector>

#include "conformance/unit/support/visa_session.h"

namespace visa::core {
namespace {

using spi::StopReason;
using std::chrono::milliseconds;
using test::FakeWire;

constexpr ViUInt32 kTimeout = 100;
constexpr std::size_t kBuffer = 16384;

// The pace of a peer whose bytes would fill the count of a call in time on a fast machine.
constexpr milliseconds kPace{1};

// A peer, and a format whose conversion its bytes never end.
struct Flood {
  const char* format;
  const char* piece;
  std::string first = {};
  milliseconds pace = {};
};

class EndlessPeer : public test::VisaSession {
 protected:
  void open_on(const char* name) {
    session_ = open(name, wire_);
    ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, kTimeout), VI_SUCCESS);
  }
  // Whole buffers or small pieces, without a pace as fast as the reader takes them.
  void flood(const Flood& flood) {
    if (!flood.first.empty()) wire_->answers(flood.first, StopReason::count);
    std::string piece;
    while (piece.size() < kBuffer) piece += flood.piece;
    wire_->never_stops(piece, StopReason::end, flood.pace);
  }
  // What a call does while the peer talks on; it must come back long before kPatience.
  template <class Body>
  ViStatus timed(Body&& body) {
    const auto start = std::chrono::steady_clock::now();
    const ViStatus status = body();
    EXPECT_LT(std::chrono::steady_clock::now() - start, test::kPatience);
    return status;
  }
  // Afterwards the session is as good as before.
  void expect_usable() {
    wire_->never_stops("");
    ASSERT_EQ(::viClear(session_), VI_SUCCESS);
    wire_->answers("7\n");
    int value = 0;
    EXPECT_EQ(::viScanf(session_, "%d", &value), VI_SUCCESS);
    EXPECT_EQ(value, 7);
  }

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
  char text_[2 * kBuffer] = {};
};

const Flood kThrownAway[] = {
    {"%*t", "abc"},     {"%10t", "abc"},
    {"%*T", "abc"},     {"%10T", "abc"},
    {"%*s", "abc"},     {"%10s", "abc"},
    {"%*[a-c]", "ab"},  {"%*[^,]", "ab"},
    {"%s", " \t\n"},    {"%*d", "  "},
    {" x", "\n "},      {"%*,d", "12,"},
    {"%*,f", "1.5,"},   {"%*2000000000lly", "abc", {}, kPace},
    {"%*b", "a", "#0"}, {"%4b", "a", "#0"},
};

TEST_F(EndlessPeer, WhatIsThrownAwayHasOneDeadline) {
  for (const char* name : {test::kGpib, test::kSocket}) {
    for (const Flood& one : kThrownAway) {
      SCOPED_TRACE(std::string(name) + " " + one.format + " " + one.piece);
      open_on(name);
      flood(one);
      EXPECT_EQ(timed([&] { return ::viScanf(session_, one.format, text_); }), VI_ERROR_TMO);
      expect_usable();
      EXPECT_EQ(::viClose(session_), VI_SUCCESS);
    }
  }
}

TEST_F(EndlessPeer, ARoomThatIsFullEndsTheReadingOfItsText) {
  open_on(test::kSocket);
  flood({"", "abc"});
  ViInt32 size = 100;
  EXPECT_EQ(timed([&] { return ::viScanf(session_, "%#t", &size, text_); }), VI_ERROR_TMO);
  EXPECT_EQ(size, 99);
  EXPECT_EQ(text_[99], '\0');
}

TEST_F(EndlessPeer, ADribbleHasTheDeadlineOfOneTransfer) {
  // Far fewer than a buffer come in the time.
  for (const char* format : {"%t", "%T", "%s", "%[^,]", "%20000c", "%20000y", "%30000[^,]"}) {
    SCOPED_TRACE(format);
    open_on(test::kSocket);
    wire_->never_stops("a", StopReason::end, kPace);
    EXPECT_EQ(timed([&] { return ::viScanf(session_, format, text_); }), VI_ERROR_TMO);
    EXPECT_EQ(timed([&] { return ::viQueryf(session_, "X?\n", format, text_); }), VI_ERROR_TMO);
    expect_usable();
    EXPECT_EQ(::viClose(session_), VI_SUCCESS);
  }
}

TEST_F(EndlessPeer, BufReadHasOneDeadline) {
  open_on(test::kSocket);
  wire_->never_stops("a", StopReason::end, kPace);
  ViUInt32 count = 0;
  const auto read = [&] {
    return ::viBufRead(session_, reinterpret_cast<ViPBuf>(text_), kBuffer - 1, &count);
  };
  EXPECT_EQ(timed(read), VI_ERROR_TMO);
  EXPECT_GT(count, 0u) << "what came is the caller's";
}

TEST_F(EndlessPeer, FlushOfTheReadBufferHasOneDeadline) {
  for (const char* name : {test::kGpib, test::kSocket}) {
    open_on(name);
    if (name == test::kSocket) {  // else nothing but a pause ends what is flushed
      ASSERT_EQ(set(session_, VI_ATTR_TERMCHAR_EN, VI_TRUE), VI_SUCCESS);
    }
    flood({"", "1,"});
    int value = 0;
    EXPECT_EQ(::viScanf(session_, "%d", &value), VI_SUCCESS);
    EXPECT_EQ(timed([&] { return ::viFlush(session_, VI_READ_BUF); }), VI_ERROR_TMO) << name;
    expect_usable();
  }
}

TEST_F(EndlessPeer, WithoutATimeACountEndsWhatIsThrownAway) {
  open_on(test::kSocket);
  ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, VI_TMO_IMMEDIATE), VI_SUCCESS);
  flood({"", "abc"});
  EXPECT_EQ(timed([&] { return ::viScanf(session_, "%*t"); }), VI_ERROR_TMO);
  EXPECT_EQ(timed([&] { return ::viScanf(session_, "%5s", text_); }), VI_ERROR_TMO);
}

TEST_F(EndlessPeer, StatusByteByMessageHasOneDeadline) {
  open_on(test::kSocket);
  ASSERT_EQ(set(session_, VI_ATTR_IO_PROT, VI_PROT_4882_STRS), VI_SUCCESS);
  ViUInt16 byte = 0;
  const auto read = [&] { return ::viReadSTB(session_, &byte); };
  flood({"", "1"});
  EXPECT_EQ(timed(read), VI_ERROR_TMO);
  wire_->answers("16\n", StopReason::termchar);
  EXPECT_EQ(read(), VI_SUCCESS);
  EXPECT_EQ(byte, 16);
  for (const ViUInt32 timeout : {ViUInt32{VI_TMO_IMMEDIATE}, ViUInt32{VI_TMO_INFINITE}}) {
    ASSERT_EQ(set(session_, VI_ATTR_TMO_VALUE, timeout), VI_SUCCESS);
    EXPECT_EQ(timed(read), VI_ERROR_OUTP_PROT_VIOL) << "no clock: a count ends it";
  }
}

TEST_F(EndlessPeer, ReadToFileHasOneDeadline) {
  open_on(test::kSocket);
  wire_->never_stops(std::string(std::size_t{256} << 10U, 'a'), StopReason::end, kPace);
  ViUInt32 count = 0;
  const auto read = [&] { return ::viReadToFile(session_, "/dev/null", 0xFFFFFFFF, &count); };
  EXPECT_EQ(timed(read), VI_ERROR_TMO);
  EXPECT_GT(count, 0u);
}

// The deadlines of a scan of answers that come in `pieces`, in a buffer of four bytes.
class LongAnswer : public EndlessPeer {
 protected:
  std::vector<Deadline> deadlines(const char* format, const std::vector<std::string>& pieces,
                                  void* first, void* second = nullptr) {
    open_on(test::kSocket);
    EXPECT_EQ(::viSetBuf(session_, VI_READ_BUF, 4), VI_SUCCESS);
    EXPECT_EQ(set(session_, VI_ATTR_TMO_VALUE, 20000), VI_SUCCESS);
    for (const std::string& piece : pieces) wire_->answers(piece);
    EXPECT_EQ(::viScanf(session_, format, first, second), VI_SUCCESS);
    std::vector<Deadline> until;
    for (const auto& one : wire_->seen()) {
      if (one.operation == "read") until.push_back(one.deadline);
    }
    EXPECT_EQ(until.size(), pieces.size());
    until.resize(pieces.size(), Deadline::infinite());
    return until;
  }
};

TEST_F(LongAnswer, EachBufferOfATextHasItsTimeout) {
  const auto until = deadlines("%T", {"ab", "cd", "e", "f", "gh", "i\n"}, text_);
  EXPECT_STREQ(text_, "abcdefghi\n");
  EXPECT_EQ(until[0], until[1]) << "a pause does not end the transfer";
  EXPECT_LT(until[1], until[2]) << "four bytes do";
  EXPECT_EQ(until[2], until[4]);
  EXPECT_LT(until[4], until[5]);
}

TEST_F(LongAnswer, EachBufferOfAnArrayHasItsTimeout) {
  ViInt32 count = 5;
  ViInt32 values[5] = {};
  const auto until = deadlines("%,#d", {"1,", "2,", "3,", "4,", "5 "}, &count, values);
  EXPECT_EQ(values[4], 5);
  EXPECT_EQ(until[0], until[1]);
  EXPECT_LT(until[1], until[2]);
  EXPECT_EQ(until[2], until[3]);
  EXPECT_LT(until[3], until[4]);
}

TEST_F(LongAnswer, WhiteSpaceHasNoTimeoutOfItsOwn) {
  const auto until = deadlines("%s", {"  ", "    ", "    ", "  ab", "c "}, text_);
  EXPECT_STREQ(text_, "abc");
  EXPECT_EQ(until[0], until[3]);
}

}  // namespace
}  // namespace visa::core
