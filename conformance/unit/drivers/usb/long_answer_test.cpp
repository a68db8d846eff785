// SPDX-License-Identifier: MIT
// Long answers over transfers whose ends the test says, one after the other.
#include "drivers/usb/long_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace visa::drivers::usb {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kPacket = 512;

/// How a transfer ends: with so many bytes of the answer.
struct End {
  std::size_t count = 0;
  UsbOutcome outcome = UsbOutcome::done;
};

class ScriptedUsb final : public UsbInterface {
 public:
  std::deque<End> ends;            // of the transfers in their order; then nothing comes
  std::vector<std::size_t> sizes;  // of the buffers that were handed in
  std::string answer;              // what is left of it
  std::size_t most = SIZE_MAX;     // bytes of a buffer for which there is memory
  int running = 0;
  int most_running = 0;

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t) override {
    return std::make_unique<Transfer>(*this);
  }
  UsbEnd control(const spi::UsbSetup&, std::span<std::byte>, const Call&, Deadline) override {
    return {UsbOutcome::failed, 0};
  }
  UsbOutcome clear_halt(std::uint8_t, const Call&, Deadline) override { return UsbOutcome::done; }
  UsbOutcome set_alternate(std::uint8_t) override { return UsbOutcome::done; }
  UsbOutcome listen(std::uint8_t, std::size_t, UsbListener&) override { return UsbOutcome::done; }
  void stop_listening() noexcept override {}
  void pause(const Call&, Deadline) override {}
  void wake() noexcept override {}
  bool gone() const noexcept override { return false; }
  void close() noexcept override {}

 private:
  /// Ends when it is waited for or stopped, in the order in which the transfers were started.
  class Transfer final : public UsbTransfer {
   public:
    explicit Transfer(ScriptedUsb& usb) : usb_(usb) {}
    ~Transfer() override { stop(); }
    void start(std::span<std::byte> buffer, bool) override {
      EXPECT_FALSE(running_);
      buffer_ = buffer;
      usb_.sizes.push_back(buffer.size());
      running_ = true;
      usb_.most_running = std::max(usb_.most_running, ++usb_.running);
    }
    UsbEnd wait(const Call&, Deadline, UsbTransfer*) override {
      if (!running_) return end_;
      if (buffer_.size() > usb_.most) return finish({UsbOutcome::no_memory, 0});
      if (usb_.ends.empty()) return {UsbOutcome::timed_out, 0};
      const End end = usb_.ends.front();
      usb_.ends.pop_front();
      const std::size_t count = std::min({end.count, buffer_.size(), usb_.answer.size()});
      std::memcpy(buffer_.data(), usb_.answer.data(), count);
      usb_.answer.erase(0, count);
      return finish({end.outcome, count});
    }
    UsbEnd stop() noexcept override { return running_ ? finish({UsbOutcome::stopped, 0}) : end_; }

   private:
    UsbEnd finish(UsbEnd end) noexcept {
      running_ = false;
      --usb_.running;
      return end_ = end;
    }
    ScriptedUsb& usb_;
    std::span<std::byte> buffer_;
    bool running_ = false;
    UsbEnd end_;
  };
};

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

class LongAnswerTest : public testing::Test {
 protected:
  UsbEnd receive(std::size_t size) {
    got.assign(size, '?');
    return answer.receive(std::as_writable_bytes(std::span(got)), call, Deadline::after(10s));
  }
  /// The whole of it, each transfer filled.
  void expect_whole(std::size_t size, std::deque<End> ends) {
    const std::string sent = pattern(size);
    usb.answer = sent;
    usb.ends = std::move(ends);
    usb.sizes.clear();
    const UsbEnd end = receive(size);
    EXPECT_EQ(end.outcome, UsbOutcome::done);
    EXPECT_EQ(end.count, size);
    EXPECT_TRUE(got == sent) << size;
    EXPECT_FALSE(answer.goes_on());
    EXPECT_EQ(usb.running, 0);
  }

  ScriptedUsb usb;
  TmcWire wire{.usb = usb,
               .label = "USB0",
               .out = {0x02, kPacket},
               .in = {0x81, kPacket},
               .capabilities = {},
               .quirks = {}};
  LongAnswer answer{wire};
  Call call{Deadline::after(20s)};
  std::string got;
};

constexpr End kAll{SIZE_MAX};

TEST_F(LongAnswerTest, WholePacketsGoStraightToTheCallerAndTheRestBeside) {
  expect_whole(3 * kPacket + 10, {kAll, {10}});
  EXPECT_EQ(usb.sizes, (std::vector<std::size_t>{3 * kPacket, 2 * kPacket}));
}

TEST_F(LongAnswerTest, AnAnswerOfWholePacketsEndsWithAnEmptyOne) {
  expect_whole(4 * kPacket, {kAll, {0}});
  EXPECT_EQ(usb.sizes, (std::vector<std::size_t>{4 * kPacket, 2 * kPacket}));
}

TEST_F(LongAnswerTest, PiecesAreQueuedButNotMoreThanFour) {
  const std::size_t size = 7 * LongAnswer::kPiece + 1;
  expect_whole(size, std::deque<End>(8, kAll));
  EXPECT_EQ(usb.sizes.size(), 8U);
  EXPECT_EQ(usb.most_running, static_cast<int>(LongAnswer::kQueued));
}

// An instrument that sends a short packet in the middle: what came after it is moved down.
TEST_F(LongAnswerTest, AShortPacketInTheMiddleLeavesNoHole) {
  const std::size_t size = 2 * LongAnswer::kPiece + 100;
  expect_whole(size, {{100}, kAll, kAll, kAll, kAll});
}

TEST_F(LongAnswerTest, WithoutMemoryThePiecesBecomeSmaller) {
  usb.most = LongAnswer::kPiece / 4;
  expect_whole(LongAnswer::kPiece + 1, std::deque<End>(20, kAll));
  EXPECT_EQ(usb.sizes.front(), LongAnswer::kPiece);
  usb.most = LongAnswer::kLeastPiece - 1;
  usb.answer = pattern(LongAnswer::kPiece);
  usb.ends = std::deque<End>(20, kAll);
  EXPECT_EQ(receive(LongAnswer::kPiece).outcome, UsbOutcome::no_memory);
}

TEST_F(LongAnswerTest, WhatCameBeforeAFailureCounts) {
  const std::string sent = pattern(2 * LongAnswer::kPiece);
  usb.answer = sent;
  usb.ends = {kAll, {512, UsbOutcome::stalled}};
  const UsbEnd end = receive(sent.size());
  EXPECT_EQ(end.outcome, UsbOutcome::stalled);
  EXPECT_EQ(end.count, LongAnswer::kPiece + 512);
  EXPECT_EQ(got.substr(0, end.count), sent.substr(0, end.count));
  EXPECT_EQ(usb.running, 0);
}

TEST_F(LongAnswerTest, ATimeoutStopsWhatRuns) {
  usb.answer = pattern(3 * LongAnswer::kPiece);
  usb.ends = {kAll};
  const UsbEnd end = receive(3 * LongAnswer::kPiece);
  EXPECT_EQ(end.outcome, UsbOutcome::timed_out);
  EXPECT_EQ(end.count, LongAnswer::kPiece);
  EXPECT_EQ(usb.running, 0);
}

TEST_F(LongAnswerTest, EmptyPacketsWithoutEndAreAFailure) {
  usb.answer = pattern(kPacket);
  usb.ends = std::deque<End>(100, End{0});
  EXPECT_EQ(receive(kPacket).outcome, UsbOutcome::failed);
  EXPECT_EQ(usb.running, 0);
}

TEST_F(LongAnswerTest, AMissingEmptyPacketIsRememberedAndNotWaitedForAgain) {
  usb.answer = pattern(kPacket);
  usb.ends = {kAll};
  EXPECT_EQ(receive(kPacket).count, kPacket);
  EXPECT_TRUE(wire.quirks.no_short_packet);
  expect_whole(kPacket, {kAll});
  EXPECT_EQ(usb.sizes, std::vector<std::size_t>{kPacket});
}

TEST_F(LongAnswerTest, MoreThanTheAnswerIsNoticed) {
  usb.answer = pattern(4 * kPacket);
  usb.ends = {kAll, kAll};
  EXPECT_EQ(receive(2 * kPacket).count, 2 * kPacket);
  EXPECT_TRUE(answer.goes_on());
}

}  // namespace
}  // namespace visa::drivers::usb
