// SPDX-License-Identifier: MIT
// The reader over a scripted stream: what a wire can do to it, to the byte.
#include "drivers/common/buffered_reader.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <limits>
#include <new>
#include <random>
#include <string>

namespace visa::test {
namespace {

thread_local bool memory_is_short = false;

}  // namespace
}  // namespace visa::test

// The reader asks for memory with nothrow only where it keeps a surplus.
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  if (visa::test::memory_is_short) return nullptr;
  try {
    return ::operator new[](size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

namespace visa::test {
namespace {

using drivers::BufferedReader;
using drivers::StreamResult;
using spi::ReadResult;
using spi::StopReason;

/// Delivers its chunks one receive at a time, then whatever `after` says.
class ScriptedStream final : public drivers::ByteStream {
 public:
  StreamResult receive(std::span<std::byte> into, Call& call) override {
    return take(into, call, true);
  }
  StreamResult receive_now(std::span<std::byte> into, Call& call) override {
    return take(into, call, false);
  }
  StreamResult send(std::span<const std::byte> data, Call&) override {
    return {Status::success, data.size()};
  }
  void wake() noexcept override {}
  const std::string& peer() const noexcept override { return name; }
  bool lost() const noexcept override { return after == Status::error_conn_lost && chunks.empty(); }
  void close() noexcept override {}

  const std::string name = "192.0.2.1 port 5025";
  std::deque<std::string> chunks;
  std::deque<std::string> late;  // a receive that may wait sees one when the chunks are used up
  Status after = Status::error_tmo;
  bool endless = false;
  int receives = 0;
  std::size_t largest = 0;

 private:
  StreamResult take(std::span<std::byte> into, Call& call, bool may_wait) {
    ++receives;
    largest = std::max(largest, into.size());
    if (call.cancelled()) return {Status::error_abort, 0};
    if (endless) {
      std::memset(into.data(), 'e', into.size());
      return {Status::success, into.size()};
    }
    if (chunks.empty() && may_wait && !late.empty()) {
      chunks.push_back(late.front());
      late.pop_front();
    }
    if (chunks.empty()) {
      if (after == Status::error_tmo && !may_wait) return {};
      return {after, 0};
    }
    const std::string& chunk = chunks.front();
    const std::size_t size = std::min(into.size(), chunk.size() - taken_);
    std::memcpy(into.data(), chunk.data() + taken_, size);
    taken_ += size;
    if (taken_ == chunk.size()) {
      chunks.pop_front();
      taken_ = 0;
    }
    return {Status::success, size};
  }

  std::size_t taken_ = 0;  // of the first chunk
};

class BufferedReaderTest : public testing::Test {
 protected:
  struct Reading {
    Status status;
    StopReason reason;
    std::string data;
  };

  Reading read(std::size_t size, bool termchar = true, bool suppress_end = true,
               Deadline deadline = Deadline::infinite()) {
    spi::EndRule rule;
    rule.termchar_enabled = termchar;
    rule.suppress_end = suppress_end;
    std::string data(size, '\0');
    Call call(deadline);
    const ReadResult result = reader.read(std::as_writable_bytes(std::span(data)), rule, call);
    data.resize(result.count);
    return {result.status, result.reason, data};
  }

  ScriptedStream stream;
  BufferedReader reader{stream};
};

TEST_F(BufferedReaderTest, TermcharMayComeInAReceiveOfItsOwn) {
  stream.chunks = {"abc", "def", "\n"};
  const Reading line = read(100);
  EXPECT_EQ(line.data, "abcdef\n");
  EXPECT_EQ(line.reason, StopReason::termchar);
  EXPECT_EQ(stream.receives, 3);
}

TEST_F(BufferedReaderTest, TermcharFirstInAReceiveEndsTheLineBeforeIt) {
  stream.chunks = {"abc", "\ndef\n"};
  EXPECT_EQ(read(100).data, "abc\n");
  EXPECT_EQ(read(100).data, "def\n");
  EXPECT_EQ(stream.receives, 2);
}

TEST_F(BufferedReaderTest, KeptBytesAndFreshOnesMakeOneLine) {
  stream.chunks = {"a\nb", "c", "d\n"};
  EXPECT_EQ(read(100).data, "a\n");
  EXPECT_EQ(reader.kept(), 1u);
  EXPECT_EQ(read(100).data, "bcd\n");
  EXPECT_EQ(reader.kept(), 0u);
}

TEST_F(BufferedReaderTest, TermcharBeyondTheCountIsLeftForTheNextRead) {
  stream.chunks = {"x\nabc\n"};
  EXPECT_EQ(read(100).data, "x\n");
  const Reading part = read(3);
  EXPECT_EQ(part.data, "abc");
  EXPECT_EQ(part.reason, StopReason::count);
  const Reading end = read(3);
  EXPECT_EQ(end.data, "\n");
  EXPECT_EQ(end.reason, StopReason::termchar);
}

TEST_F(BufferedReaderTest, WithoutATermcharTheCallersWholeBufferIsReceivedInto) {
  stream.chunks = {std::string(1000, 'a')};
  read(std::size_t{4} * 1024 * 1024, false, false);
  EXPECT_EQ(stream.largest, std::size_t{4} * 1024 * 1024);
}

TEST_F(BufferedReaderTest, KeepsAtMostOnePiece) {
  std::string big(BufferedReader::kPiece * 3, 'b');
  big[10] = '\n';
  stream.chunks = {big};
  EXPECT_EQ(read(big.size()).data.size(), 11u);
  EXPECT_LE(reader.kept(), BufferedReader::kFirstPiece);
  EXPECT_LE(reader.capacity(), BufferedReader::kFirstPiece);
}

TEST_F(BufferedReaderTest, PiecesOfALongAnswerGrowToTheirBound) {
  std::string big(BufferedReader::kPiece * 5, 'b');
  const std::size_t line = BufferedReader::kPiece * 3;
  big[line] = '\n';
  stream.chunks = {big};
  EXPECT_EQ(read(big.size()).data.size(), line + 1);
  EXPECT_EQ(stream.largest, BufferedReader::kPiece);
  EXPECT_LT(stream.receives, 10);
  EXPECT_LT(reader.kept(), BufferedReader::kPiece);
  const std::size_t rest = big.size() - line - 1;
  EXPECT_TRUE(read(rest).data == big.substr(line + 1)) << "nothing is lost";
}

TEST_F(BufferedReaderTest, ALargeBufferIsGivenBackOnceDrained) {
  stream.chunks = {"a\n" + std::string(100000, 'b')};
  EXPECT_EQ(reader.capacity(), 0u);
  read(200000);
  EXPECT_GE(reader.capacity(), 100000u);
  read(100000, false);
  EXPECT_EQ(reader.kept(), 0u);
  EXPECT_EQ(reader.capacity(), 0u);
}

TEST_F(BufferedReaderTest, PauseIsAReceiveThatBroughtLessThanAskedFor) {
  stream.chunks = {"abc", "def"};
  const Reading first = read(100, false, false);
  EXPECT_EQ(first.data, "abc");
  EXPECT_EQ(first.reason, StopReason::end);
  EXPECT_EQ(stream.receives, 1) << "a pause needs no receive of its own";
}

TEST_F(BufferedReaderTest, PauseBehindAPieceThatWasFullIsLookedForWithoutWaiting) {
  const std::string piece(BufferedReader::kFirstPiece, 'p');
  stream.chunks = {piece};
  const Reading got = read(BufferedReader::kFirstPiece * 2, true, false);
  EXPECT_EQ(got.status, Status::success);
  EXPECT_EQ(got.reason, StopReason::end);
  EXPECT_EQ(got.data, piece);
}

TEST_F(BufferedReaderTest, DataBeforeALostConnectionIsDelivered) {
  stream.chunks = {"part"};
  stream.after = Status::error_conn_lost;
  const Reading got = read(100);
  EXPECT_EQ(got.status, Status::error_conn_lost);
  EXPECT_EQ(got.data, "part");
}

TEST_F(BufferedReaderTest, KeptBytesOutliveTheConnection) {
  stream.chunks = {"one\ntwo\n"};
  stream.after = Status::error_conn_lost;
  EXPECT_EQ(read(100).data, "one\n");
  EXPECT_EQ(read(100).data, "two\n");
  EXPECT_EQ(read(100).status, Status::error_conn_lost);
}

TEST_F(BufferedReaderTest, WireThatNeverPausesDoesNotOutstayTheDeadline) {
  stream.endless = true;
  const auto start = Deadline::Clock::now();
  std::string data(std::size_t{64} * 1024 * 1024, '\0');
  spi::EndRule rule;
  rule.termchar_enabled = true;
  rule.suppress_end = true;
  ReadResult result;
  Call call(Deadline::after(std::chrono::milliseconds(1)));
  while ((result = reader.read(std::as_writable_bytes(std::span(data)), rule, call)).status ==
         Status::success) {
    ASSERT_LT(Deadline::Clock::now() - start, std::chrono::seconds(20));
  }
  EXPECT_EQ(result.status, Status::error_tmo);
  EXPECT_GT(result.count, 0u);
}

TEST_F(BufferedReaderTest, DiscardOfAnEndlessStreamEndsAtTheDeadline) {
  stream.endless = true;
  const auto start = Deadline::Clock::now();
  Call call(Deadline::after(std::chrono::milliseconds(50)));
  EXPECT_EQ(reader.discard(call), Status::error_tmo);
  EXPECT_GE(Deadline::Clock::now() - start, std::chrono::milliseconds(50));
  EXPECT_LT(Deadline::Clock::now() - start, std::chrono::seconds(10));
  EXPECT_TRUE(call.detail.starts_with("192.0.2.1 port 5025: the instrument never stops sending"))
      << call.detail;
}

TEST_F(BufferedReaderTest, ImmediateDiscardOfAnEndlessStreamEnds) {
  stream.endless = true;
  Call call(Deadline::immediate());
  EXPECT_EQ(reader.discard(call), Status::error_tmo);
}

TEST_F(BufferedReaderTest, DiscardCanBeCancelled) {
  stream.endless = true;
  Call call(Deadline::infinite());
  call.cancel();
  EXPECT_EQ(reader.discard(call), Status::error_abort);
}

TEST_F(BufferedReaderTest, DiscardUntilQuietTakesWhatIsStillOnItsWay) {
  stream.chunks = {"one\nkept"};
  EXPECT_EQ(read(100).data, "one\n");
  stream.late = {"an answer", " in two parts\n"};
  Call call(Deadline::infinite());
  EXPECT_EQ(reader.discard_until_quiet(call), Status::success);
  EXPECT_TRUE(stream.late.empty());
  stream.chunks = {"fresh\n"};
  EXPECT_EQ(read(100).data, "fresh\n");
}

TEST_F(BufferedReaderTest, ImmediateDiscardUntilQuietDoesNotWait) {
  stream.late = {"later\n"};
  Call call(Deadline::immediate());
  EXPECT_EQ(reader.discard_until_quiet(call), Status::success);
  EXPECT_FALSE(stream.late.empty());
}

TEST_F(BufferedReaderTest, DiscardUntilQuietOfAnEndlessStreamEndsAtTheDeadline) {
  stream.endless = true;
  Call call(Deadline::after(std::chrono::milliseconds(50)));
  EXPECT_EQ(reader.discard_until_quiet(call), Status::error_tmo);
}

TEST_F(BufferedReaderTest, DiscardUntilQuietTellsThatThePeerIsGone) {
  stream.after = Status::error_conn_lost;
  Call call(Deadline::infinite());
  EXPECT_EQ(reader.discard_until_quiet(call), Status::error_conn_lost);
}

TEST_F(BufferedReaderTest, SurplusThatFindsNoMemoryBreaksTheStreamUntilItIsCleared) {
  stream.chunks = {"one\ntwo\n", "three\n"};
  memory_is_short = true;
  const Reading got = read(100);
  memory_is_short = false;
  EXPECT_EQ(got.status, Status::error_alloc);
  EXPECT_EQ(got.data, "one\n") << "what was received is delivered";
  EXPECT_EQ(read(100).status, Status::error_conn_lost) << "a gap must not pass for an answer";
  Call call(Deadline::infinite());
  EXPECT_EQ(reader.discard(call), Status::success);
  stream.chunks = {"four\n"};
  EXPECT_EQ(read(100).data, "four\n");
}

/// What a read must do, said in the plainest way: one byte after the other.
TEST_F(BufferedReaderTest, RandomChunksAndRandomReadsLoseAndMixNothing) {
  std::mt19937 random(42);
  for (int round = 0; round < 60; ++round) {
    std::string all;
    const int chunks = 1 + static_cast<int>(random() % 30);
    for (int i = 0; i < chunks; ++i) {
      std::string chunk(1 + random() % (random() % 4 == 0 ? 600000 : 50), 'c');
      for (char& byte : chunk) byte = random() % 20 == 0 ? '\n' : static_cast<char>('a' + i % 26);
      all += chunk;
      stream.chunks.push_back(chunk);
    }
    std::size_t at = 0;
    while (at < all.size()) {
      const bool lines = random() % 2 == 0;
      const std::size_t size = 1 + random() % (random() % 3 == 0 ? 900000 : 60);
      const std::size_t newline = lines ? all.find('\n', at) : std::string::npos;
      const bool to_newline = newline != std::string::npos && newline - at < size;
      const std::size_t want = to_newline ? newline - at + 1 : std::min(size, all.size() - at);
      const bool short_of_data = !to_newline && size > all.size() - at;
      const Reading got = read(size, lines, true);
      ASSERT_TRUE(got.data == all.substr(at, want)) << "at " << at << " of round " << round;
      ASSERT_EQ(got.status, short_of_data ? Status::error_tmo : Status::success);
      if (!short_of_data) {
        ASSERT_EQ(got.reason, to_newline ? StopReason::termchar : StopReason::count);
      }
      at += want;
    }
  }
}

}  // namespace
}  // namespace visa::test
