// SPDX-License-Identifier: MIT
#include "drivers/serial/line_output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "conformance/unit/drivers/support/fake_uart.h"
#include "conformance/unit/drivers/support/open_serial.h"

namespace visa::test {
namespace {

using spi::WriteEnd;
using spi::WriteRule;
using testing::ElementsAre;
using namespace std::chrono_literals;

WriteRule masked(WriteEnd end) {
  WriteRule rule(end);
  rule.masks_last_bit = true;
  return rule;
}

TEST(LineOutput, EveryByteLeavesAsItIs) {
  OpenSerial port;
  std::string data;
  for (int byte = 0; byte < 256; ++byte) data += static_cast<char>(byte);
  const auto sent = port.write(data);
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(sent.count, data.size());
  EXPECT_EQ(port.instrument.receive(256), data);
}

TEST(LineOutput, TermcharFollowsAndDoesNotCount) {
  OpenSerial port;
  WriteRule rule(WriteEnd::termchar);
  rule.termchar = ';';
  EXPECT_EQ(port.write("abc", rule).count, 3u);
  EXPECT_EQ(port.instrument.receive(4), "abc;");
  EXPECT_EQ(port.write("", rule).count, 0u);
  EXPECT_EQ(port.instrument.receive(1), ";");
}

TEST(LineOutput, LastBitMarksTheLastByteAlone) {
  OpenSerial port;
  EXPECT_EQ(port.write("\xE1"
                       "b\xE3",
                       masked(WriteEnd::last_bit))
                .count,
            3u);
  EXPECT_EQ(port.instrument.receive(3), "ab\xE3");
  EXPECT_EQ(port.write("abc", masked(WriteEnd::last_bit)).count, 3u);
  EXPECT_EQ(port.instrument.receive(3), "ab\xE3");
}

// VI_ATTR_SEND_END_EN false: every byte goes out with its last bit clear.
TEST(LineOutput, WithoutEndEveryLastBitIsClear) {
  OpenSerial port;
  EXPECT_EQ(port.write("\xE1"
                       "b\xE3",
                       masked(WriteEnd::none))
                .count,
            3u);
  EXPECT_EQ(port.instrument.receive(3), "abc");
}

TEST(LineOutput, LastBitIsThatOfTheDataBits) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_DATA_BITS, 7), Status::success);
  EXPECT_EQ(port.write("pq", masked(WriteEnd::last_bit)).count, 2u);
  EXPECT_EQ(port.instrument.receive(2), "0q");
}

TEST(LineOutput, MaskedMessageOfManyPiecesHasOneEnd) {
  OpenSerial port;
  const std::string data(10001, '\xC1');
  auto written = std::async(std::launch::async,
                            [&] { return port.write(data, masked(WriteEnd::last_bit)).count; });
  const std::string got = port.instrument.receive(data.size());
  EXPECT_EQ(written.get(), data.size());
  EXPECT_EQ(got, std::string(10000, 'A') + '\xC1');
}

TEST(LineOutput, BreakFollowsTheBytes) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_BREAK_LEN, 30), Status::success);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(port.write("abc", WriteEnd::break_).status, Status::success);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
  EXPECT_EQ(port.instrument.receive(3), "abc");
  EXPECT_THAT(chip.diary(), ElementsAre("break on", "break off"));
}

TEST(LineOutput, BreakThatTheTimeoutCutsShortIsATimeout) {
  FakeUart chip;
  OpenSerial port;
  ASSERT_EQ(port.set(VI_ATTR_ASRL_BREAK_LEN, 500), Status::success);
  EXPECT_EQ(port.write("", WriteEnd::break_, 50ms).status, Status::error_tmo);
  EXPECT_THAT(chip.diary(), ElementsAre("break on", "break off"));
}

TEST(LineOutput, WriteWaitsUntilTheBytesHaveLeft) {
  FakeUart chip;
  OpenSerial port;
  chip.set_unsent(2);
  auto written = std::async(std::launch::async, [&] { return port.write("abc"); });
  EXPECT_EQ(written.wait_for(50ms), std::future_status::timeout);
  chip.set_unsent(0);
  EXPECT_EQ(written.get().count, 3u);
}

// What has not left must not mix with the next message.
TEST(LineOutput, StoppedLineIsATimeoutAndTheRestIsDropped) {
  FakeUart chip;
  OpenSerial port;
  chip.set_unsent(2);
  const auto sent = port.write("abcde", WriteEnd::none, kShort);
  EXPECT_EQ(sent.status, Status::error_tmo);
  EXPECT_EQ(sent.count, 3u) << "two of five bytes had not left";
  EXPECT_THAT(chip.diary(), ElementsAre("flush out"));
  EXPECT_EQ(port.write("next").status, Status::success);
}

TEST(LineOutput, BytesMayWaitIfTheBufferHasASize) {
  FakeUart chip;
  OpenSerial port;
  auto* const buffers = port.channel->facets().buffers;
  Call call(Deadline::after(kShort));
  EXPECT_EQ(buffers->resize(false, 100, call), Status::success);
  chip.set_unsent(100);
  EXPECT_EQ(port.write("abc").status, Status::success);
  EXPECT_EQ(buffers->flush_output(false, call), Status::error_tmo);
  EXPECT_EQ(buffers->flush_output(true, call), Status::success);
  EXPECT_EQ(chip.unsent(), 0);
  EXPECT_EQ(buffers->resize(false, 100000, call), Status::warn_nsup_buf);
}

TEST(LineOutput, PeerThatDoesNotReadStopsTheWrite) {
  OpenSerial port;
  const std::string data(1 << 20, 'x');
  const auto sent = port.write(data, WriteEnd::none, 100ms);
  EXPECT_EQ(sent.status, Status::error_tmo);
  EXPECT_LT(sent.count, data.size());
  EXPECT_GT(sent.count, 0u);
}

TEST(LineOutput, CancelledWriteEnds) {
  OpenSerial port;
  Call call(Deadline::infinite());
  const std::string data(1 << 20, 'x');
  auto written = std::async(std::launch::async, [&] {
    return port.channel->write(bytes(data), WriteEnd::none, call).status;
  });
  ASSERT_TRUE(port.instrument.arrives(kLong));
  call.cancel();
  port.channel->wake();
  EXPECT_EQ(written.get(), Status::error_abort);
}

TEST(LineOutput, ReadAndWriteAreInProgressAtOnce) {
  OpenSerial port;
  EXPECT_TRUE(port.channel->traits().duplex);
  auto read = std::async(std::launch::async, [&] { return port.read(100, line_rule()); });
  EXPECT_EQ(port.write("question\n").status, Status::success);
  EXPECT_EQ(port.instrument.receive(9), "question\n");
  port.instrument.send("answer\n");
  EXPECT_EQ(read.get().data, "answer\n");
}

// As many bytes in both directions at once, under the load of two other threads.
TEST(LineOutput, MegabyteIsEchoedWithoutALostByte) {
  OpenSerial port;
  std::string data(1 << 20, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7 + i / 251);
  std::atomic<bool> over{false};
  const auto load = [&] {
    while (!over) {
    }
  };
  std::thread first(load);
  std::thread second(load);
  std::thread instrument([&] {
    for (std::size_t echoed = 0; echoed < data.size();) {
      const std::string piece = port.instrument.receive_some(4096);
      if (piece.empty()) break;
      port.instrument.send(piece);
      echoed += piece.size();
    }
  });
  auto read = std::async(std::launch::async, [&] { return port.read(data.size(), count_rule()); });
  const auto sent = port.write(data);
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(sent.count, data.size());
  EXPECT_TRUE(read.get().data == data);
  over = true;
  for (auto* const thread : {&first, &second, &instrument}) thread->join();
}

TEST(LineOutput, UnpluggedPortIsLost) {
  OpenSerial port;
  port.instrument.unplug();
  const auto sent = port.write("abc");
  EXPECT_EQ(sent.status, Status::error_conn_lost);
  EXPECT_EQ(sent.count, 0u);
}

}  // namespace
}  // namespace visa::test
