// SPDX-License-Identifier: MIT
// When the formatted write buffer goes out and what carries END (the fact sheet's 2.4), what
// viFlush and viSetBuf do to it, what becomes of it after an error. The formats themselves are
// tested in lib/format.
#include <gtest/gtest.h>
#include <visa.h>

#include <future>
#include <string>
#include <vector>

#include "conformance/unit/support/visa_session.h"
#include "lib/format/formatted_device.h"

namespace visa::core {
namespace {

using spi::WriteEnd;
using test::FakeWire;

class FormattedWrite : public test::VisaSession {
 protected:
  void open_on(const char* name) { session_ = open(name, wire_); }
  void put(ViAttr id, ViAttrState value) { ASSERT_EQ(set(session_, id, value), VI_SUCCESS); }
  /// What went to the wire since the last look: `|` after a write with END, `,` after others.
  std::string sent() {
    std::string text;
    const auto all = wire_->seen();
    for (; looked_ < all.size(); ++looked_) {
      if (all[looked_].operation != "write") continue;
      text += all[looked_].data + (all[looked_].end == WriteEnd::none ? ',' : '|');
    }
    return text;
  }

  std::shared_ptr<FakeWire> wire_;
  ViSession session_ = VI_NULL;
  std::size_t looked_ = 0;
};

TEST_F(FormattedWrite, ANewlineOfTheFormatEndsAMessage) {
  open_on(test::kGpib);
  EXPECT_EQ(::viPrintf(session_, "*IDN?"), VI_SUCCESS);
  EXPECT_EQ(sent(), "") << "stays in the buffer (example 2)";
  EXPECT_EQ(::viPrintf(session_, "\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "*IDN?\n|");
  EXPECT_EQ(::viPrintf(session_, "A\nB\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "A\n|B\n|");  // example 3
  EXPECT_EQ(::viPrintf(session_, "%s", "x\ny"), VI_SUCCESS);
  EXPECT_EQ(sent(), "") << "a newline of an argument is data (example 27)";
  EXPECT_EQ(::viPrintf(session_, "%3B", "ABC"), VI_SUCCESS);
  EXPECT_EQ(sent(), "x\ny#0ABC\n|");
}

TEST_F(FormattedWrite, OnAccessEveryCallEndsItsMessage) {
  open_on(test::kGpib);
  put(VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  EXPECT_EQ(::viPrintf(session_, "%s%s %Lf", "VOLT", "1", 2.5), VI_SUCCESS);
  EXPECT_EQ(sent(), "VOLT1 2.500000|");  // example 47
  const ViInt16 waveform[] = {1, -1, 0x0102};
  EXPECT_EQ(::viPrintf(session_, "%*!olhy", ViInt32{3}, waveform), VI_SUCCESS);
  EXPECT_EQ(sent(), std::string("\x01\0\xFF\xFF\x02\x01|", 7));  // example 48
  EXPECT_EQ(::viPrintf(session_, "%s", "INIT"), VI_SUCCESS);
  EXPECT_EQ(sent(), "INIT|");  // example 57
  EXPECT_EQ(::viPrintf(session_, "*RST\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "*RST\n|") << "no empty message behind it";
  put(VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_WHEN_FULL);
  EXPECT_EQ(::viPrintf(session_, "A"), VI_SUCCESS);
  EXPECT_EQ(sent(), "");
}

TEST_F(FormattedWrite, EndFollowsTheAttributes) {
  open_on(test::kGpib);
  put(VI_ATTR_SEND_END_EN, VI_FALSE);
  EXPECT_EQ(::viPrintf(session_, "A\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "A\n,");
  open_on(test::kSerial);
  looked_ = 0;
  put(VI_ATTR_ASRL_END_OUT, VI_ASRL_END_TERMCHAR);
  EXPECT_EQ(::viPrintf(session_, "A\n"), VI_SUCCESS);
  EXPECT_EQ(wire_->last("write").end, WriteEnd::termchar);
}

TEST_F(FormattedWrite, AFullBufferGoesOutWithoutEnd) {
  open_on(test::kGpib);
  EXPECT_EQ(::viSetBuf(session_, VI_WRITE_BUF, 10), VI_SUCCESS);
  EXPECT_EQ(::viPrintf(session_, "%s", "0123456789"), VI_SUCCESS);
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(::viPrintf(session_, "%s%s", "abc", "def"), VI_SUCCESS);
  EXPECT_EQ(sent(), "0123456789,");
  EXPECT_EQ(::viPrintf(session_, "\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "abcdef\n|");
}

TEST_F(FormattedWrite, LargeDataGoesOutFromWhereItIs) {
  open_on(test::kGpib);
  const std::string data(1'000'000, 'd');
  EXPECT_EQ(::viPrintf(session_, "%*b\n", 1'000'000, data.data()), VI_SUCCESS);
  const auto text = sent();
  EXPECT_EQ(wire_->written(), "#71000000" + data + "\n");
  EXPECT_EQ(wire_->count("write"), 3u) << "the full buffer, the data, the end";
  EXPECT_EQ(wire_->last("write").data, "d\n");
  EXPECT_EQ(text.substr(text.size() - 3), "d\n|");
  // Also where nothing follows: END must find a byte to be on.
  put(VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  EXPECT_EQ(::viPrintf(session_, "%*y", 1'000'000, data.data()), VI_SUCCESS);
  EXPECT_EQ(wire_->last("write").data, "d");
  EXPECT_EQ(wire_->last("write").end, WriteEnd::end);
}

TEST_F(FormattedWrite, ARefusedFormatLeavesNoTrace) {
  open_on(test::kGpib);
  EXPECT_EQ(::viPrintf(session_, "A"), VI_SUCCESS);
  EXPECT_EQ(::viPrintf(session_, "B\n%q"), VI_ERROR_INV_FMT);
  EXPECT_EQ(::viPrintf(session_, "B%hhd", 1), VI_ERROR_NSUP_FMT);
  EXPECT_EQ(::viPrintf(session_, "B%*b", -1, "x"), VI_ERROR_INV_FMT);
  EXPECT_EQ(::viPrintf(session_, "B%s", static_cast<char*>(nullptr)), VI_ERROR_USER_BUF);
  EXPECT_EQ(::viPrintf(session_, nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(::viPrintf(session_, "C\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "AC\n|");
  // Where a part of it has gone, the rest does not become the start of the next message.
  EXPECT_EQ(::viPrintf(session_, "D\nE%*b", -1, "x"), VI_ERROR_INV_FMT);
  EXPECT_EQ(::viPrintf(session_, "F\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "D\n|F\n|");
}

TEST_F(FormattedWrite, AFailedTransferEmptiesTheBuffer) {
  open_on(test::kGpib);
  wire_->fails("write", Status::error_tmo);
  EXPECT_EQ(::viPrintf(session_, "lost\nbehind"), VI_ERROR_TMO);
  sent();
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF), VI_SUCCESS);
  EXPECT_EQ(sent(), "");
  wire_->fails("write", Status::error_conn_lost, "the cable is out");
  EXPECT_EQ(::viPrintf(session_, "a\n"), VI_ERROR_CONN_LOST);
  EXPECT_NE(description(session_, VI_ERROR_CONN_LOST).find("the cable is out"), std::string::npos);
  wire_->fails("write", Status::error_nlisteners, "nobody listens");
  EXPECT_EQ(::viPrintf(session_, "a\n"), VI_ERROR_IO) << "viPrintf has no such status";
  EXPECT_NE(description(session_, VI_ERROR_IO).find("nobody listens"), std::string::npos);
  wire_->fails("write", Status::error_tmo);
  EXPECT_EQ(::viPrintf(session_, "%*b", 40000, std::string(40000, 'x').c_str()), VI_ERROR_TMO);
  sent();
  EXPECT_EQ(::viPrintf(session_, "ok\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "ok\n|");
}

TEST_F(FormattedWrite, FlushSendsOrDrops) {
  open_on(test::kGpib);
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF), VI_SUCCESS);
  EXPECT_EQ(sent(), "") << "6.2.5: nothing there, nothing done";
  ::viPrintf(session_, "A");
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF | VI_READ_BUF), VI_SUCCESS);
  EXPECT_EQ(sent(), "A|");
  ::viPrintf(session_, "B");
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF_DISCARD | VI_READ_BUF_DISCARD), VI_SUCCESS);
  ::viPrintf(session_, "C");
  EXPECT_EQ(::viFlush(session_, 0x3C), VI_SUCCESS) << "the mask of a serial driver's init";
  ::viPrintf(session_, "D\n");
  EXPECT_EQ(sent(), "D\n|");
}

TEST_F(FormattedWrite, rule_5_1_8_clear_drops_both_buffers) {
  open_on(test::kGpib);
  ::viPrintf(session_, "dropped");
  wire_->answers("1,2");
  int value = 0;
  EXPECT_EQ(::viScanf(session_, "%d", &value), VI_SUCCESS);
  EXPECT_EQ(::viClear(session_), VI_SUCCESS);
  ::viPrintf(session_, "B\n");
  EXPECT_EQ(sent(), "B\n|");
  EXPECT_EQ(::viScanf(session_, ",%d", &value), VI_ERROR_TMO) << "`,2` is gone";
}

TEST_F(FormattedWrite, PlainCallsDoNotKnowTheBuffer) {
  open_on(test::kGpib);
  ::viPrintf(session_, "A");
  EXPECT_EQ(write(session_, "direct"), VI_SUCCESS);
  EXPECT_EQ(sent(), "direct|") << "viWrite flushes nothing";
  ::viPrintf(session_, "\n");
  EXPECT_EQ(sent(), "A\n|");
}

TEST_F(FormattedWrite, ViBufWriteTakesBytesAsTheyAre) {
  open_on(test::kGpib);
  const auto put_bytes = [this](std::string_view text, ViUInt32* count) {
    return ::viBufWrite(session_, reinterpret_cast<ViConstBuf>(text.data()),
                        static_cast<ViUInt32>(text.size()), count);
  };
  ViUInt32 count = 0;
  EXPECT_EQ(put_bytes("a%d\\n\n", &count), VI_SUCCESS);
  EXPECT_EQ(count, 6u);
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(put_bytes("", nullptr), VI_SUCCESS);
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF), VI_SUCCESS);
  EXPECT_EQ(sent(), "a%d\\n\n|");
  put(VI_ATTR_WR_BUF_OPER_MODE, VI_FLUSH_ON_ACCESS);
  EXPECT_EQ(put_bytes("b", &count), VI_SUCCESS);
  EXPECT_EQ(sent(), "b|");
  wire_->then({.operation = "write", .status = Status::error_conn_lost, .count = 2});
  EXPECT_EQ(put_bytes("xyz", &count), VI_ERROR_IO) << "it has no CONN_LOST";
  EXPECT_EQ(count, 2u);
  EXPECT_EQ(::viBufWrite(session_, nullptr, 1, &count), VI_ERROR_USER_BUF);
  EXPECT_EQ(count, 0u);
}

TEST_F(FormattedWrite, SetBufFlushesAndIsReadBack) {
  open_on(test::kLan);
  const auto size = [this](ViAttr id) {
    ViUInt32 value = 0;
    EXPECT_EQ(::viGetAttribute(session_, id, &value), VI_SUCCESS);
    return value;
  };
  EXPECT_EQ(size(VI_ATTR_WR_BUF_SIZE), format::kDefaultBufferSize);
  EXPECT_EQ(size(VI_ATTR_RD_BUF_SIZE), format::kDefaultBufferSize);
  ::viPrintf(session_, "A");
  EXPECT_EQ(::viSetBuf(session_, VI_READ_BUF | VI_WRITE_BUF, 4000), VI_SUCCESS);
  EXPECT_EQ(sent(), "A|");
  EXPECT_EQ(size(VI_ATTR_WR_BUF_SIZE), 4000u);
  EXPECT_EQ(size(VI_ATTR_RD_BUF_SIZE), 4000u);
  // 6.2.4: not a warning where the wire has no buffer to set, and nothing is half done.
  EXPECT_EQ(::viSetBuf(session_, VI_WRITE_BUF | VI_IO_IN_BUF, 100), VI_ERROR_NSUP_OPER);
  EXPECT_EQ(size(VI_ATTR_WR_BUF_SIZE), 4000u);
  EXPECT_EQ(::viSetBuf(session_, VI_READ_BUF_DISCARD, 100), VI_ERROR_INV_MASK);
  for (const ViUInt32 odd : {0u, 1u, 100'000u}) {
    EXPECT_EQ(::viSetBuf(session_, VI_READ_BUF | VI_WRITE_BUF, odd), VI_SUCCESS);
    ::viPrintf(session_, "%s\n", "message");
    wire_->answers("12 34\n");
    int a = 0;
    int b = 0;
    EXPECT_EQ(::viScanf(session_, "%d %d%*t", &a, &b), VI_SUCCESS);
    EXPECT_EQ(a * 100 + b, 1234) << odd;
  }
  EXPECT_EQ(wire_->written(), "Amessage\nmessage\nmessage\n");
  wire_->fails("write", Status::error_tmo);
  ::viPrintf(session_, "A");
  EXPECT_EQ(::viSetBuf(session_, VI_WRITE_BUF, 4000), VI_ERROR_TMO);
  EXPECT_EQ(size(VI_ATTR_WR_BUF_SIZE), 100'000u);
}

TEST_F(FormattedWrite, ALockShutsOthersOutOfTheBufferToo) {
  open_on(test::kLan);
  const ViSession holder = open(test::kLan);
  ASSERT_EQ(::viLock(holder, VI_EXCLUSIVE_LOCK, 1000, nullptr, nullptr), VI_SUCCESS);
  EXPECT_EQ(::viPrintf(session_, "A"), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viBufWrite(session_, nullptr, 0, nullptr), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viBufRead(session_, nullptr, 0, nullptr), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viScanf(session_, "%*t"), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viQueryf(session_, "A", "%*t"), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viFlush(session_, VI_WRITE_BUF), VI_ERROR_RSRC_LOCKED);
  EXPECT_EQ(::viSetBuf(session_, VI_WRITE_BUF, 10), VI_ERROR_RSRC_LOCKED);
  ViChar text[16];
  EXPECT_EQ(::viSPrintf(session_, reinterpret_cast<ViPBuf>(text), "%d", 5), VI_SUCCESS);
  EXPECT_STREQ(text, "5");
  EXPECT_EQ(::viUnlock(holder), VI_SUCCESS);
  EXPECT_EQ(::viPrintf(session_, "\n"), VI_SUCCESS);
  EXPECT_EQ(sent(), "\n|") << "nothing of the refused call is there";
}

TEST_F(FormattedWrite, EveryTransferHasTheWholeTimeout) {
  open_on(test::kGpib);
  put(VI_ATTR_TMO_VALUE, 60'000);
  const auto start = Deadline::Clock::now();
  EXPECT_EQ(::viPrintf(session_, "A\nB\n"), VI_SUCCESS);
  const auto all = wire_->seen();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_LT(all[0].deadline, all[1].deadline);
  EXPECT_GT(all[0].deadline.time_point(), start + std::chrono::seconds(59));
  put(VI_ATTR_TMO_VALUE, VI_TMO_INFINITE);
  EXPECT_EQ(::viPrintf(session_, "A\nB\n"), VI_SUCCESS);
  EXPECT_TRUE(wire_->last("write").deadline.is_infinite());
}

TEST_F(FormattedWrite, ViSPrintfStopsBehindItsEnd) {
  open_on(test::kGpib);
  std::string room(64, '#');
  auto* const buffer = reinterpret_cast<ViPBuf>(room.data());
  EXPECT_EQ(::viSPrintf(session_, buffer, "A\nB"), VI_SUCCESS);
  EXPECT_EQ(room.substr(0, 4), std::string("A\n\0#", 4));  // example 43
  EXPECT_EQ(::viSPrintf(session_, buffer, "%3Bxyz", "ABC"), VI_SUCCESS);
  EXPECT_STREQ(room.c_str(), "#0ABC\n");
  EXPECT_EQ(::viSPrintf(session_, buffer, "ab%q"), VI_ERROR_INV_FMT);
  EXPECT_STREQ(room.c_str(), "");
  EXPECT_EQ(::viSPrintf(session_, nullptr, "ab"), VI_ERROR_USER_BUF);
  EXPECT_EQ(::viSPrintf(session_, buffer, nullptr), VI_ERROR_INV_FMT);
  EXPECT_EQ(wire_->count("write"), 0u);
  EXPECT_EQ(::viSPrintf(rm_, buffer, "ab"), VI_ERROR_INV_OBJECT);
}

TEST_F(FormattedWrite, ThreadsPutWholeCallsIntoTheBuffer) {
  open_on(test::kGpib);
  constexpr int kThreads = 4;
  constexpr int kCalls = 200;
  std::vector<std::future<void>> all;
  for (int thread = 0; thread < kThreads; ++thread) {
    all.push_back(std::async(std::launch::async, [this, thread] {
      for (int i = 0; i < kCalls; ++i) {
        EXPECT_EQ(::viPrintf(session_, "%s%d%s\n", "<", thread, ">"), VI_SUCCESS);
      }
    }));
  }
  for (auto& one : all) one.get();
  for (const auto& one : wire_->seen()) {
    EXPECT_EQ(one.data.size(), 4u) << one.data;
    EXPECT_EQ(one.data.front(), '<');
  }
  EXPECT_EQ(wire_->count("write"), std::size_t{kThreads} * kCalls);
}

}  // namespace
}  // namespace visa::core
