// SPDX-License-Identifier: MIT
// The channel against a real loopback peer, reading side. Both ends are on the test's own thread
// unless a test says otherwise: what the peer sent is in the system's buffer when send returns.
#include "drivers/socket/socket_channel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <random>
#include <thread>

#include "conformance/unit/drivers/support/open_socket.h"

namespace visa::test {
namespace {

using spi::StopReason;

TEST(SocketChannel, AnswersAQuery) {
  OpenSocket socket;
  const auto sent = socket.write("*IDN?\n");
  EXPECT_EQ(sent.status, Status::success);
  EXPECT_EQ(sent.count, 6u);
  EXPECT_EQ(socket.peer.receive(6), "*IDN?\n");
  socket.peer.send("ACME,1,2,3\n");
  const Reading answer = socket.read(1024, line_rule());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::termchar);
  EXPECT_EQ(answer.data, "ACME,1,2,3\n");
}

TEST(SocketChannel, IsDuplexAndHasNoStatusByteOrTriggerOfItsOwn) {
  OpenSocket socket;
  EXPECT_TRUE(socket.channel->traits().duplex);
  EXPECT_FALSE(socket.channel->traits().status_beside_transfer);
  Call call(Deadline::after(kLong));
  EXPECT_EQ(socket.channel->read_status_byte(call).status(), Status::error_nsup_oper);
  EXPECT_EQ(socket.channel->trigger(spi::TriggerProtocol{0}, call), Status::error_nsup_oper);
}

TEST(SocketChannel, BytesArrivingOneByOneMakeOneAnswer) {
  OpenSocket socket;
  std::thread peer([&] {
    for (const char byte : std::string_view("slow answer\n")) {
      socket.peer.send({&byte, 1});
      std::this_thread::yield();
    }
  });
  const Reading answer = socket.read(1024, line_rule());
  peer.join();
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.data, "slow answer\n");
}

TEST(SocketChannel, TermcharAsLastByteOfExactlyCountBytesIsSeen) {
  OpenSocket socket;
  socket.peer.send("1234567\n");
  const Reading answer = socket.read(8, line_rule());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::termchar);
  EXPECT_EQ(answer.data, "1234567\n");
}

TEST(SocketChannel, TermcharThatIsNotEnabledIsData) {
  OpenSocket socket;
  socket.peer.send("a\nb\n");
  const Reading answer = socket.read(4, count_rule());
  EXPECT_EQ(answer.reason, StopReason::count);
  EXPECT_EQ(answer.data, "a\nb\n");
}

TEST(SocketChannel, OtherTermcharsThanNewlineWork) {
  OpenSocket socket;
  spi::EndRule rule = line_rule();
  rule.termchar = 0xFF;
  socket.peer.send("ab\n\xFFrest");
  EXPECT_EQ(socket.read(100, rule).data, "ab\n\xFF");
  rule.termchar = 0;
  socket.peer.send(std::string_view("\0", 1));
  EXPECT_EQ(socket.read(100, rule).data, std::string("rest\0", 5));
}

TEST(SocketChannel, SurplusBehindTheTermcharIsKeptForTheNextRead) {
  OpenSocket socket;
  socket.peer.send("one\ntwo\nthr");
  EXPECT_EQ(socket.read(100, line_rule()).data, "one\n");
  EXPECT_EQ(socket.read(100, line_rule()).data, "two\n");
  socket.peer.send("ee\nfour");
  EXPECT_EQ(socket.read(100, line_rule()).data, "three\n");
  const Reading part = socket.read(2, line_rule());
  EXPECT_EQ(part.data, "fo");
  EXPECT_EQ(part.reason, StopReason::count);
  EXPECT_EQ(socket.read(2, count_rule()).data, "ur");
}

TEST(SocketChannel, CountEndsAReadAndTheRestStaysReadable) {
  OpenSocket socket;
  socket.peer.send("abcdef");
  const Reading first = socket.read(4, count_rule());
  EXPECT_EQ(first.status, Status::success);
  EXPECT_EQ(first.reason, StopReason::count);
  EXPECT_EQ(first.data, "abcd");
  EXPECT_EQ(socket.read(2, count_rule()).data, "ef");
}

TEST(SocketChannel, ShortAnswerWithEndSuppressedTimesOutWithItsData) {
  OpenSocket socket;
  socket.peer.send("twenty bytes of data");
  const Reading answer = socket.read(1024, count_rule(), kShort);
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_EQ(answer.data, "twenty bytes of data");
  EXPECT_NE(answer.detail.find("VI_ATTR_TERMCHAR_EN"), std::string::npos) << answer.detail;
  EXPECT_EQ(socket.read(1024, count_rule(), kShort).data, "") << "those bytes came twice";
}

TEST(SocketChannel, PauseEndsTheReadWhereEndIsNotSuppressed) {
  OpenSocket socket;
  socket.peer.send("abc");
  socket.peer.send("def");
  const Reading answer = socket.read(1024, pause_rule());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::end);
  EXPECT_EQ(answer.data, "abcdef");
}

TEST(SocketChannel, PauseBeforeTheFirstByteIsWaitedFor) {
  OpenSocket socket;
  std::thread peer([&] { socket.peer.send("late"); });
  const Reading answer = socket.read(1024, pause_rule());
  peer.join();
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::end);
  EXPECT_EQ(answer.data.substr(0, 1), "l");
}

TEST(SocketChannel, PauseBehindKeptBytesEndsTheRead) {
  OpenSocket socket;
  spi::EndRule rule = pause_rule();
  rule.termchar_enabled = true;
  socket.peer.send("one\ntw");
  EXPECT_EQ(socket.read(100, rule).reason, StopReason::termchar);
  const Reading rest = socket.read(100, rule);
  EXPECT_EQ(rest.reason, StopReason::end);
  EXPECT_EQ(rest.data, "tw");
}

TEST(SocketChannel, FullBufferIsCountEvenWhereAPauseFollows) {
  OpenSocket socket;
  socket.peer.send("1234");
  EXPECT_EQ(socket.read(4, pause_rule()).reason, StopReason::count);
}

TEST(SocketChannel, EmptyReadReturnsAtOnce) {
  OpenSocket socket;
  const Reading answer = socket.read(0, line_rule(), Deadline::infinite());
  EXPECT_EQ(answer.status, Status::success);
  EXPECT_EQ(answer.reason, StopReason::count);
}

TEST(SocketChannel, TimeoutComesNotBeforeTheDeadline) {
  for (const int timeout : {1, 5, 19, 21, 35, 80, 200}) {
    OpenSocket socket;
    const auto start = Deadline::Clock::now();
    const Reading answer = socket.read(10, line_rule(), std::chrono::milliseconds(timeout));
    const auto took = Deadline::Clock::now() - start;
    EXPECT_EQ(answer.status, Status::error_tmo);
    EXPECT_GE(took, std::chrono::milliseconds(timeout));
    EXPECT_LT(took, std::chrono::milliseconds(timeout + 5000));
  }
}

TEST(SocketChannel, DeadlineHoldsForTheWholeReadHoweverTheBytesTrickle) {
  OpenSocket socket;
  std::atomic<bool> stop{false};
  std::thread peer([&] {
    while (!stop.load() && socket.peer.send("x")) std::this_thread::yield();
  });
  const auto start = Deadline::Clock::now();
  const Reading answer =
      socket.read(std::size_t{8} * 1024 * 1024, line_rule(), std::chrono::milliseconds(150));
  const auto took = Deadline::Clock::now() - start;
  stop.store(true);
  EXPECT_EQ(answer.status, Status::error_tmo);
  EXPECT_GT(answer.data.size(), 0u);
  EXPECT_LT(took, std::chrono::seconds(10));
  Call call(Deadline::after(kLong));
  socket.channel->close(call);
  peer.join();
}

TEST(SocketChannel, ImmediateTakesWhatIsThereAndNeverWaits) {
  OpenSocket socket;
  EXPECT_EQ(socket.read(10, line_rule(), Deadline::immediate()).status, Status::error_tmo);
  socket.peer.send("ready\nmo");
  const Reading line = socket.read(10, line_rule(), Deadline::immediate());
  EXPECT_EQ(line.status, Status::success);
  EXPECT_EQ(line.data, "ready\n");
  const Reading part = socket.read(10, line_rule(), Deadline::immediate());
  EXPECT_EQ(part.status, Status::error_tmo);
  EXPECT_EQ(part.data, "mo");
}

TEST(SocketChannel, InfiniteReadWaitsForItsData) {
  OpenSocket socket;
  auto reading = std::async(std::launch::async,
                            [&] { return socket.read(100, line_rule(), Deadline::infinite()); });
  // Long enough that the reader is past its first wait and polls.
  EXPECT_EQ(reading.wait_for(std::chrono::milliseconds(60)), std::future_status::timeout);
  socket.peer.send("finally\n");
  EXPECT_EQ(reading.get().data, "finally\n");
}

TEST(SocketChannel, SixtyFourMegabytesInRandomPiecesArriveWhole) {
  OpenSocket socket;
  constexpr std::size_t kSize = std::size_t{64} * 1024 * 1024;
  std::mt19937 random(7);
  std::string data(kSize, '\0');
  std::uint32_t state = 1;
  for (char& byte : data) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
    if (byte == '\n') byte = 'n';
  }
  data.back() = '\n';
  const std::string tail = "next\n";
  std::thread peer([&] {
    std::string_view left = data;
    while (!left.empty()) {
      const auto size = std::min<std::size_t>(left.size(), 1 + random() % 500000);
      if (!socket.peer.send(left.substr(0, size))) return;
      left.remove_prefix(size);
    }
    socket.peer.send(tail);
  });
  // Reads of random size, so that pieces and reads never line up.
  std::mt19937 sizes(11);
  std::string got;
  for (;;) {
    const Reading part = socket.read(1 + sizes() % (8 * 1024 * 1024), line_rule());
    ASSERT_EQ(part.status, Status::success);
    got += part.data;
    if (part.reason == StopReason::termchar) break;
  }
  EXPECT_TRUE(got == data);
  EXPECT_EQ(socket.read(100, line_rule()).data, tail);
  peer.join();
}

}  // namespace
}  // namespace visa::test
