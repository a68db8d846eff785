// SPDX-License-Identifier: MIT
// Reading through the driver from a pseudo-terminal, and from one that passes for a chip, with line
// errors as the kernel marks them.
#include "drivers/serial/line_input.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

using spi::StopReason;
using namespace std::chrono_literals;

std::string all_bytes() {
  std::string data;
  for (int byte = 0; byte < 256; ++byte) data += static_cast<char>(byte);
  return data;
}

TEST(LineInput, TermcharEndsTheReadAndTheRestStays) {
  OpenSerial port;
  port.instrument.send("first\nsecond\nthird");
  EXPECT_EQ(port.read(100, line_rule()).data, "first\n");
  const Reading second = port.read(100, line_rule());
  EXPECT_EQ(second.data, "second\n");
  EXPECT_EQ(second.status, Status::success);
  EXPECT_EQ(second.reason, StopReason::termchar);
  EXPECT_EQ(port.read(3, line_rule()).reason, StopReason::count);
  EXPECT_EQ(port.read(2, count_rule()).data, "rd");
}

TEST(LineInput, TermcharAsLastByteOfExactlyCountBytesIsSeen) {
  OpenSerial port;
  port.instrument.send("1234567\n");
  EXPECT_EQ(port.read(8, line_rule()).reason, StopReason::termchar);
}

TEST(LineInput, TermcharOfAnyValueWorks) {
  OpenSerial port;
  port.instrument.send(
      std::string("ab\xFF"
                  "cd\0e",
                  7));
  EXPECT_EQ(port.read(100, line_rule('\xFF')).data, "ab\xFF");
  EXPECT_EQ(port.read(100, line_rule('\0')).data, std::string("cd\0", 3));
}

TEST(LineInput, EveryByteArrivesAsItWasSent) {
  OpenSerial port;
  const std::string data = all_bytes();
  port.instrument.send(data + data);
  EXPECT_EQ(port.read(2 * data.size(), count_rule()).data, data + data);
}

// VI_ATTR_ASRL_END_IN = LAST_BIT: the bit is 1 << (n - 1); pyvisa-py tests 1 << n, never true.
TEST(LineInput, LastBitEndsTheRead) {
  OpenSerial port;
  port.instrument.send("abc\xE4next");
  const Reading answer = port.read(100, last_bit_rule());
  EXPECT_EQ(answer.data, "abc\xE4");
  EXPECT_EQ(answer.reason, StopReason::end);
  EXPECT_EQ(port.read(4, count_rule()).data, "next");
}

TEST(LineInput, LastBitIsThatOfTheDataBits) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 7), Status::success);
  port.instrument.send("012@45");  // '@' is 0x40
  EXPECT_EQ(port.read(100, last_bit_rule()).data, "012@");
}

TEST(LineInput, EndComesBeforeTermchar) {
  OpenSerial port;
  auto rule = last_bit_rule();
  rule.termchar_enabled = true;
  rule.termchar = 0x80;
  port.instrument.send("a\x80");
  EXPECT_EQ(port.read(10, rule).reason, StopReason::end);
  port.instrument.send("b\n");
  rule.termchar = '\n';
  EXPECT_EQ(port.read(10, rule).reason, StopReason::termchar);
}

// 6.1.6: with END_IN = NONE nothing counts as END; a pause is no end of an answer either.
TEST(LineInput, OnlyTheCountEndsAReadWithoutEnd) {
  OpenSerial port;
  port.instrument.send("line\n");
  const Reading answer = port.read(100, count_rule(), kShort);
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_EQ(answer.data, "line\n");
  EXPECT_NE(answer.detail.find("END_IN"), std::string::npos);
}

TEST(LineInput, TimeoutDeliversWhatCameAndTheSessionWorksOn) {
  OpenSerial port;
  port.instrument.send("half");
  const Reading half = port.read(100, line_rule(), kShort);
  EXPECT_EQ(half.status, Status::error_tmo);
  EXPECT_EQ(half.data, "half");
  EXPECT_NE(half.detail.find(port.instrument.node()), std::string::npos);
  port.instrument.send("whole\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "whole\n");
  EXPECT_EQ(port.read(100, line_rule(), kShort).status, Status::error_tmo);
}

TEST(LineInput, ImmediateReadTakesWhatIsThere) {
  OpenSerial port;
  EXPECT_EQ(port.read(4, count_rule(), Deadline::immediate()).status, Status::error_tmo);
  port.instrument.send("1234");
  ASSERT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 4);
  EXPECT_EQ(port.read(4, count_rule(), Deadline::immediate()).data, "1234");
}

TEST(LineInput, EmptyReadReturnsAtOnce) {
  OpenSerial port;
  EXPECT_EQ(port.read(0, line_rule()).status, Status::success);
}

TEST(LineInput, CancelledReadEndsAndTheNextOneDoesNot) {
  OpenSerial port;
  Call call(Deadline::infinite());
  auto read = std::async(std::launch::async, [&] { return port.read(10, line_rule(), call); });
  call.cancel();
  port.channel->wake();
  EXPECT_EQ(read.get().status, Status::error_abort);
  port.instrument.send("next\n");
  EXPECT_EQ(port.read(10, line_rule()).data, "next\n");
}

TEST(LineInput, PeerThatNeverPausesDoesNotKeepTheReadBeyondItsDeadline) {
  OpenSerial port;
  std::atomic<bool> over{false};
  std::thread babbler([&] {
    const std::string block(1024, 'x');
    while (!over) {
      pollfd ready{port.instrument.fd(), POLLOUT, 0};
      if (::poll(&ready, 1, 20) > 0) port.instrument.send(block);
    }
  });
  std::string data(std::size_t{256} << 20, '\0');
  Call call(Deadline::after(100ms));
  const auto answer =
      port.channel->read(std::as_writable_bytes(std::span(data)), line_rule(), call);
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_GT(answer.count, 0u);
  over = true;
  port.read(1 << 20, count_rule(), Deadline::immediate());
  babbler.join();
}

TEST(LineInput, MegabyteArrivesWhole) {
  OpenSerial port;
  std::mt19937 random(1);
  std::string data(1 << 20, '\0');
  for (char& c : data) c = static_cast<char>(random());
  std::thread sender([&] { port.instrument.send(data); });
  const Reading answer = port.read(data.size(), count_rule());
  sender.join();
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_TRUE(answer.data == data);
}

// Sessions of one port share what has arrived: what one leaves, the other reads.
TEST(LineInput, WhatOneSessionLeavesTheOtherReads) {
  OpenSerial port;
  const SerialSession other(port.instrument.node());
  port.instrument.send("one\ntwo\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "one\n");
  EXPECT_EQ(other.get(VI_ATTR_ASRL_AVAIL_NUM), 4);
  EXPECT_EQ(other.read(100, line_rule()).data, "two\n");
}

TEST(LineInput, AvailableCountsBytesBehindTheTermchar) {
  OpenSerial port;
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 0);
  port.instrument.send("one\n\xFF\xFFtwo");
  EXPECT_EQ(port.read(100, line_rule()).data, "one\n");
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 5) << "FF counts once though the kernel doubles it";
}

TEST(LineInput, DiscardDropsWhatIsKeptAndWhatArrived) {
  OpenSerial port;
  auto* const buffers = port.channel->facets().buffers;
  Call call(Deadline::after(kLong));
  port.instrument.send("one\nkept");
  EXPECT_EQ(port.read(100, line_rule()).data, "one\n");
  port.instrument.send("arrived");
  EXPECT_EQ(buffers->discard_input(call), Status::success);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 0);
  port.instrument.send("new\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "new\n");
}

TEST(LineInput, LibraryBufferHasTheSizeThatIsSet) {
  OpenSerial port;
  auto* const buffers = port.channel->facets().buffers;
  Call call(Deadline::after(kLong));
  EXPECT_EQ(buffers->resize(true, 100000, call), Status::success);
  EXPECT_EQ(buffers->resize(true, 0, call), Status::warn_nsup_buf);
  EXPECT_EQ(buffers->resize(true, 0xFFFFFFFF, call), Status::warn_nsup_buf);
}

TEST(LineInput, NullsAreDiscardedIfTheAttributeSaysSo) {
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_DISCARD_NULL, 1), Status::success);
  port.instrument.send(std::string("\0a\0\0b\0\n", 7));
  EXPECT_EQ(port.read(100, line_rule()).data, "ab\n");
  ASSERT_EQ(port.set(VI_ATTR_ASRL_DISCARD_NULL, 0), Status::success);
  port.instrument.send(std::string("a\0\n", 3));
  EXPECT_EQ(port.read(100, line_rule()).data, std::string("a\0\n", 3));
}

TEST(LineInput, DamagedByteEndsTheReadWithItsError) {
  FakeUart chip;
  OpenSerial port;
  port.instrument.send(std::string("ab\xff\0cd\n", 7));
  const Reading bad = port.read(100, line_rule());
  EXPECT_EQ(bad.status, Status::error_asrl_framing) << "without parity it can be nothing else";
  EXPECT_EQ(bad.data, "abc") << "the damaged byte is the last one";
  EXPECT_NE(bad.detail.find("stop bit"), std::string::npos);
  EXPECT_EQ(port.read(100, line_rule()).data, "d\n") << "the session works on";
}

TEST(LineInput, WithParityADamagedByteIsAParityError) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_PARITY, VI_ASRL_PAR_EVEN), Status::success);
  port.instrument.send(std::string("\xff\0x", 3));
  EXPECT_EQ(port.read(100, line_rule()).status, Status::error_asrl_parity);
}

TEST(LineInput, CountersOfThePortTellFramingFromParity) {
  FakeUart chip;
  serial_icounter_struct counters{};
  chip.set_counters(counters);
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_PARITY, VI_ASRL_PAR_EVEN), Status::success);
  counters.frame = 1;
  chip.set_counters(counters);
  port.instrument.send(std::string("\xff\0x", 3));
  EXPECT_EQ(port.read(100, line_rule()).status, Status::error_asrl_framing);
  counters.parity = 1;
  chip.set_counters(counters);
  port.instrument.send(std::string("\xff\0\0", 3));
  const Reading zero = port.read(100, line_rule());
  EXPECT_EQ(zero.status, Status::error_asrl_parity) << "a damaged zero is no break";
  EXPECT_EQ(zero.data, std::string(1, '\0'));
}

TEST(LineInput, BreakIsNeitherByteNorError) {
  FakeUart chip;
  OpenSerial port;
  port.instrument.send(std::string("a\xff\0\0b\n", 6));
  const Reading answer = port.read(100, line_rule());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.data, "ab\n");
}

TEST(LineInput, ReplacementStandsForDamagedBytes) {
  FakeUart chip;
  OpenSerial port;
  const SerialSession other(port.instrument.node());
  ASSERT_EQ(port.set(VI_ATTR_ASRL_REPLACE_CHAR, '?'), Status::success);
  EXPECT_EQ(other.get(VI_ATTR_ASRL_REPLACE_CHAR), 0) << "it is of the session";
  port.instrument.send(std::string("a\xff\0bc\n", 6));
  const Reading answer = port.read(100, line_rule());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.data, "a?c\n");
}

TEST(LineInput, OverrunIsReportedAfterTheBytesThatCame) {
  FakeUart chip;
  serial_icounter_struct counters{};
  chip.set_counters(counters);
  OpenSerial port;
  counters.buf_overrun = 3;
  chip.set_counters(counters);
  port.instrument.send("some");
  const Reading lost = port.read(100, line_rule());
  EXPECT_EQ(lost.status, Status::error_asrl_overrun);
  EXPECT_EQ(lost.data, "some");
  EXPECT_NE(lost.detail.find("flow control"), std::string::npos);
  port.instrument.send("next\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "next\n");
}

TEST(LineInput, UnpluggedPortIsLostAfterTheBytesThatCame) {
  OpenSerial port;
  port.instrument.send("last\n");
  ASSERT_EQ(port.get(VI_ATTR_ASRL_AVAIL_NUM), 5);
  auto waiting = std::async(std::launch::async, [&] { return port.read(100, count_rule()); });
  port.instrument.unplug();
  const Reading lost = waiting.get();
  EXPECT_EQ(lost.status, Status::error_conn_lost);
  EXPECT_EQ(lost.data, "last\n");
  EXPECT_EQ(port.read(100, line_rule()).status, Status::error_conn_lost) << "it never comes back";
  EXPECT_EQ(port.write("x").status, Status::error_conn_lost);
  EXPECT_EQ(port.get(VI_ATTR_ASRL_CONNECTED), 0);
}

}  // namespace
}  // namespace visa::test
