// SPDX-License-Identifier: MIT
// What goes when, over a socket pair: order, delays, stalls, and what a device clear takes back.
#include "tools/sim/hislip/hislip_output.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/net/socket_output.h"

namespace visa::sim {
namespace {

using Piece = HislipOutput::Piece;

class Sink : public HislipSink {
 public:
  explicit Sink(int socket) : socket_(socket) {}
  bool open() const noexcept override { return is_open; }
  bool send(OutputQueue& bytes) override { return send_queue(socket_, bytes); }
  void turn() override { ++turns; }
  bool is_open = true;
  int turns = 0;

 private:
  int socket_;
};

class HislipOutputTest : public ::testing::Test {
 protected:
  HislipOutputTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
    own = FileDescriptor(ends[0]);
    other = FileDescriptor(ends[1]);
    sink = Sink(ends[0]);
  }
  static OutputQueue bytes(std::string_view text) {
    OutputQueue queue;
    queue.append(text);
    return queue;
  }
  std::string sent_at(Clock::time_point when) {
    EXPECT_TRUE(output.send(sink, when));
    std::string all(1 << 20, '\0');
    const ssize_t count = ::recv(other.get(), all.data(), all.size(), MSG_DONTWAIT);
    all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return all;
  }
  FileDescriptor own;
  FileDescriptor other;
  Sink sink{-1};
  HislipOutput output;
  Clock::time_point now = Clock::now();
};

TEST_F(HislipOutputTest, OneThatIsLateKeepsTheOthersBack) {
  output.put(bytes("a"));
  output.put(Piece{.bytes = bytes("b"), .due = now + std::chrono::hours(1)});
  output.put(bytes("c"));
  EXPECT_EQ(sent_at(now), "a");
  EXPECT_EQ(output.due(), now + std::chrono::hours(1));
  EXPECT_FALSE(output.blocked(now));
  EXPECT_EQ(sent_at(now + std::chrono::hours(1)), "bc");
  EXPECT_TRUE(output.empty());
}

TEST_F(HislipOutputTest, ATurnComesAfterWhatIsBeforeItAndASinkThatIsShutGetsNothing) {
  output.put(bytes("a"));
  output.put(Piece{.bytes = {}, .turns = true});
  output.put(bytes("b"));
  sink.is_open = false;
  EXPECT_EQ(sent_at(now), "");
  EXPECT_EQ(sink.turns, 0);
  sink.is_open = true;
  EXPECT_EQ(sent_at(now), "ab");
  EXPECT_EQ(sink.turns, 1);
  output.put(bytes("c"));
  output.put(Piece{.bytes = {}, .turns = true});
  output.put(bytes("d"));
  output.drop_unbegun();
  EXPECT_EQ(sent_at(now), "");
  EXPECT_EQ(sink.turns, 2) << "a device clear does not take it back";
}

TEST_F(HislipOutputTest, StallIsLetGoWhenItsFaultIsOff) {
  output.put(Piece{.bytes = bytes("a"), .due = Clock::time_point::max(), .stall = 7});
  EXPECT_EQ(output.due(), std::nullopt);
  EXPECT_FALSE(output.let_go([](std::uint32_t id) { return id == 7; }));
  output.hurry();
  EXPECT_EQ(sent_at(now), "") << "a device clear does not end it";
  EXPECT_TRUE(output.let_go([](std::uint32_t) { return false; }));
  EXPECT_EQ(sent_at(now), "a");
}

TEST_F(HislipOutputTest, DeviceClearFinishesTheMessageInTransmission) {
  const auto later = now + std::chrono::hours(1);
  output.put(bytes("he"));
  output.put(Piece{.bytes = bytes("ad"), .due = later, .begins = false});
  output.put(bytes("not begun"));
  EXPECT_EQ(sent_at(now), "he");
  output.drop_unbegun();
  output.put(bytes("acknowledge"));
  EXPECT_EQ(sent_at(now), "");
  output.hurry();
  EXPECT_EQ(sent_at(now), "adacknowledge");
  output.put(Piece{.bytes = bytes("late"), .due = later});
  output.drop_unbegun();
  EXPECT_TRUE(output.empty());
}

TEST_F(HislipOutputTest, DeviceClearFinishesWhatTcpHasTakenSomeOf) {
  const std::string large(8 << 20, 'l');
  output.put(bytes(large));
  output.put(bytes("not begun"));
  std::string all = sent_at(now);
  EXPECT_TRUE(output.blocked(now));
  EXPECT_TRUE(output.full());
  output.drop_unbegun();
  while (!output.empty()) {
    all += sent_at(now);
  }
  while (all.size() < large.size()) {
    const std::string more = sent_at(now);
    ASSERT_FALSE(more.empty());
    all += more;
  }
  EXPECT_TRUE(all == large);
}

TEST_F(HislipOutputTest, NothingFollowsTheEnd) {
  output.put(Piece{.bytes = bytes("last"), .ending = HislipOutput::Ending::close});
  output.put(bytes("no more"));
  EXPECT_TRUE(output.ends());
  EXPECT_EQ(output.ending(), HislipOutput::Ending::none);
  EXPECT_EQ(sent_at(now), "last");
  EXPECT_EQ(output.ending(), HislipOutput::Ending::close);
}

TEST_F(HislipOutputTest, IsFullByNumberAndBySize) {
  for (std::size_t i = 0; i < HislipOutput::kMostPieces; ++i) {
    EXPECT_FALSE(output.full());
    output.put(bytes("a"));
  }
  EXPECT_TRUE(output.crowded());
  EXPECT_EQ(sent_at(now).size(), HislipOutput::kMostPieces);
  output.put(bytes(std::string(HislipOutput::kHighWater, 'b')));
  EXPECT_TRUE(output.full());
  EXPECT_FALSE(output.crowded());
}

}  // namespace
}  // namespace visa::sim
