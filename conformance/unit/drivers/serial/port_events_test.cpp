// SPDX-License-Identifier: MIT
#include "drivers/serial/port_events.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

/// Counts occurrences by type.
class Sink final : public spi::EventSink {
 public:
  void post(spi::EventRecord record) override {
    const std::lock_guard lock(mutex_);
    ++counts_[record.type];
    changed_.notify_all();
  }
  bool wait_for(ViEventType type, int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return counts_[type] >= count; });
  }
  int count(ViEventType type) {
    const std::lock_guard lock(mutex_);
    return counts_[type];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ViEventType, int> counts_;
};

Status enable(const SerialSession& port, ViEventType type, Sink& sink) {
  Call call(Deadline::after(kLong));
  return port.channel->enable_event(type, sink, call);
}

Status disable(const SerialSession& port, ViEventType type) {
  Call call(Deadline::after(kLong));
  return port.channel->disable_event(type, call);
}

TEST(PortEvents, CharactersAreTakenWhileNobodyReadsAndStayToBeRead) {
  OpenSerial port;
  Sink sink;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, sink), Status::success);
  port.instrument.send("abc");
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_CHAR, 1));
  port.instrument.send("\n");
  EXPECT_EQ(port.read(100, line_rule()).data, "abc\n");
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
}

TEST(PortEvents, ReaderPostsWhatItTakesItself) {
  OpenSerial port;
  Sink sink;
  auto read = std::async(std::launch::async, [&] { return port.read(100, line_rule()); });
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, sink), Status::success);
  port.instrument.send("abc\n");
  EXPECT_EQ(read.get().data, "abc\n");
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_CHAR, 1));
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
}

TEST(PortEvents, EachTermcharIsAnOccurrence) {
  OpenSerial port;
  Sink sink;
  port.channel->facets().serial->watch_termchar(';');
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_TERMCHAR, sink), Status::success);
  port.instrument.send("a\nb;c;");
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_TERMCHAR, 2));
  port.instrument.send("d\n;");
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_TERMCHAR, 3));
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_TERMCHAR), Status::success);
  EXPECT_EQ(sink.count(VI_EVENT_ASRL_TERMCHAR), 3);
  EXPECT_EQ(sink.count(VI_EVENT_ASRL_CHAR), 0);
}

TEST(PortEvents, BreakIsAnOccurrence) {
  FakeUart chip;
  OpenSerial port;
  Sink sink;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_BREAK, sink), Status::success);
  port.instrument.send(std::string("\xff\0\0", 3));
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_BREAK, 1));
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_BREAK), Status::success);
}

TEST(PortEvents, EachChangeOfALineIsAnOccurrence) {
  FakeUart chip;
  chip.set_lines(0);
  OpenSerial port;
  Sink sink;
  const std::pair<ViEventType, int> lines[] = {{VI_EVENT_ASRL_CTS, TIOCM_CTS},
                                               {VI_EVENT_ASRL_DSR, TIOCM_DSR},
                                               {VI_EVENT_ASRL_DCD, TIOCM_CAR}};
  for (const auto& [type, bit] : lines) {
    ASSERT_EQ(enable(port, type, sink), Status::success);
    chip.set_lines(bit);
    EXPECT_TRUE(sink.wait_for(type, 1));
    chip.set_lines(0);
    EXPECT_TRUE(sink.wait_for(type, 2));
    EXPECT_EQ(disable(port, type), Status::success);
  }
}

TEST(PortEvents, RingIsAnOccurrenceWhenItBegins) {
  FakeUart chip;
  chip.set_lines(0);
  OpenSerial port;
  Sink sink;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_RI, sink), Status::success);
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CTS, sink), Status::success);
  chip.set_lines(TIOCM_RNG);
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_RI, 1));
  chip.set_lines(TIOCM_CTS);  // the ring ends in the same look
  EXPECT_TRUE(sink.wait_for(VI_EVENT_ASRL_CTS, 1));
  EXPECT_EQ(sink.count(VI_EVENT_ASRL_RI), 1);
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_RI), Status::success);
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CTS), Status::success);
}

TEST(PortEvents, OtherEventsAndLinesThePortHasNotAreRefused) {
  OpenSerial port;
  Sink sink;
  EXPECT_EQ(enable(port, VI_EVENT_SERVICE_REQ, sink), Status::error_inv_event);
  EXPECT_EQ(enable(port, VI_EVENT_ASRL_CTS, sink), Status::error_nsup_oper);
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CTS), Status::error_inv_event);
}

TEST(PortEvents, EachSessionHasItsOwn) {
  OpenSerial port;
  SerialSession other(port.instrument.node());
  Sink first;
  Sink second;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, first), Status::success);
  ASSERT_EQ(enable(other, VI_EVENT_ASRL_CHAR, second), Status::success);
  port.instrument.send("a");
  EXPECT_TRUE(first.wait_for(VI_EVENT_ASRL_CHAR, 1));
  EXPECT_TRUE(second.wait_for(VI_EVENT_ASRL_CHAR, 1));
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
  const int before = first.count(VI_EVENT_ASRL_CHAR);
  port.instrument.send("b");
  EXPECT_TRUE(second.wait_for(VI_EVENT_ASRL_CHAR, 2));
  EXPECT_EQ(first.count(VI_EVENT_ASRL_CHAR), before);
  EXPECT_EQ(disable(other, VI_EVENT_ASRL_CHAR), Status::success);
}

TEST(PortEvents, DisablingEndsTheThreadEvenWhileASessionReads) {
  OpenSerial port;
  Sink sink;
  Call call(Deadline::infinite());
  auto read = std::async(std::launch::async, [&] { return port.read(100, line_rule(), call); });
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, sink), Status::success);
    port.instrument.send("x");
    ASSERT_TRUE(sink.wait_for(VI_EVENT_ASRL_CHAR, 1));
    ASSERT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
  }
  port.instrument.send("\n");
  EXPECT_EQ(read.get().status, Status::success);
}

TEST(PortEvents, UnpluggedPortEndsInPeace) {
  OpenSerial port;
  Sink sink;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, sink), Status::success);
  port.instrument.unplug();
  EXPECT_EQ(port.read(10, line_rule()).status, Status::error_conn_lost);
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
}

// What is kept while nobody reads has a bound; then the kernel keeps, and flow control acts.
TEST(PortEvents, KeepsNoMoreThanTheBufferHolds) {
  OpenSerial port;
  Call call(Deadline::after(kLong));
  ASSERT_EQ(port.channel->facets().buffers->resize(true, 10, call), Status::success);
  Sink sink;
  ASSERT_EQ(enable(port, VI_EVENT_ASRL_CHAR, sink), Status::success);
  const std::string data(200000, 'x');
  auto sent = std::async(std::launch::async, [&] { port.instrument.send(data); });
  EXPECT_EQ(port.read(data.size(), count_rule()).data, data);
  sent.get();
  EXPECT_EQ(disable(port, VI_EVENT_ASRL_CHAR), Status::success);
}

}  // namespace
}  // namespace visa::test
