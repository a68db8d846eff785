// SPDX-License-Identifier: MIT
// A byte stream with marks for END: what goes out, where answers end, and blocks that hold the
// mark.
#include "lib/core/message_channel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/unit/support/patience.h"

namespace visa::core {
namespace {

using spi::EndRule;
using spi::StopReason;
using spi::WriteEnd;

/// What was received, as a raw socket gives it: by the termination character, by the count, and
/// after that error_tmo.
class Stream final : public spi::Channel {
 public:
  struct Written {
    std::string data;
    WriteEnd end;
  };
  void close(Call&) noexcept override { ++closed; }
  spi::Traits traits() const noexcept override { return {true, false}; }
  spi::ReadResult read(std::span<std::byte> into, const EndRule& rule, Call&) override {
    rules.push_back(rule);
    std::size_t size = std::min(into.size(), input.size());
    auto reason = StopReason::count;
    if (rule.termchar_enabled) {
      const auto line = input.find(static_cast<char>(rule.termchar));
      if (line < size) {
        size = line + 1;
        reason = StopReason::termchar;
      }
    }
    std::memcpy(into.data(), input.data(), size);
    input.erase(0, size);
    if (reason == StopReason::count && size < into.size()) return {Status::error_tmo, size};
    return {Status::success, size, reason};
  }
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call&) override {
    const auto size = std::min(room, data.size());
    room -= size;
    written.push_back({{reinterpret_cast<const char*>(data.data()), size}, rule.end});
    return {size < data.size() ? Status::error_tmo : Status::success, size};
  }
  void wake() noexcept override { ++woken; }
  Status clear(Call&) override {
    input.clear();
    return Status::success;
  }

  std::string input;
  std::size_t room = std::string::npos;
  std::vector<EndRule> rules;
  std::vector<Written> written;
  int closed = 0;
  int woken = 0;
};

struct Got {
  std::string data;
  Status status;
  StopReason reason;
  bool operator==(const Got&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Got& got) {
  return out << '"' << got.data << "\" " << code(got.status) << ' ' << static_cast<int>(got.reason);
}
Got ended(std::string data) {
  return {std::move(data), Status::success, StopReason::end};
}
Got filled(std::string data) {
  return {std::move(data), Status::success, StopReason::count};
}
Got late(std::string data) {
  return {std::move(data), Status::error_tmo, StopReason::count};
}

class MessageChannelTest : public ::testing::Test {
 protected:
  Got read(std::size_t count = 1000, const EndRule& rule = {}) {
    std::string data(count, '\0');
    const auto got = channel_.read(std::as_writable_bytes(std::span(data)), rule, call_);
    data.resize(got.count);
    return {data, got.status, failed(got.status) ? StopReason::count : got.reason};
  }
  spi::WriteResult write(std::string_view data, WriteEnd end = WriteEnd::end) {
    return channel_.write(std::as_bytes(std::span(data)), end, call_);
  }
  std::unique_ptr<Stream> owned_ = std::make_unique<Stream>();
  Stream& stream_ = *owned_;
  MessageChannel channel_{std::move(owned_), '\n'};
  Call call_{Deadline::after(test::kPatience)};
};

TEST_F(MessageChannelTest, EachMessageGetsItsMarkInOneWrite) {
  EXPECT_EQ(write("*IDN?").count, 5u);
  ASSERT_EQ(stream_.written.size(), 1u);
  EXPECT_EQ(stream_.written[0].data, "*IDN?\n");
  EXPECT_EQ(stream_.written[0].end, WriteEnd::end);
}

TEST_F(MessageChannelTest, AMessageThatHasItsMarkOrIsNotOverGoesOutAsItIs) {
  write("*IDN?\n");
  write("CURV ", WriteEnd::none);
  write("");
  ASSERT_EQ(stream_.written.size(), 3u);
  EXPECT_EQ(stream_.written[0].data, "*IDN?\n");
  EXPECT_EQ(stream_.written[1].data, "CURV ");
  EXPECT_EQ(stream_.written[1].end, WriteEnd::none);
  EXPECT_EQ(stream_.written[2].data, "");
}

TEST_F(MessageChannelTest, ALargeMessageIsNotCopied) {
  for (const std::size_t size : {2046u, 2047u, 2048u, 100'000u}) {
    stream_.written.clear();
    const std::string data(size, 'd');
    const auto done = write(data);
    EXPECT_EQ(done.status, Status::success);
    EXPECT_EQ(done.count, size);
    std::string all;
    for (const auto& piece : stream_.written) all += piece.data;
    EXPECT_EQ(all, data + "\n");
    EXPECT_EQ(stream_.written.back().end, WriteEnd::end);
    EXPECT_EQ(stream_.written.size(), size < 2048 ? 1u : 2u);
  }
}

TEST_F(MessageChannelTest, TheMarkIsNotCountedAndItsFailureIsTheMessages) {
  for (const std::size_t size : {10u, 5000u}) {
    const std::string data(size, 'd');
    stream_.room = size;  // but not for the mark
    auto done = write(data);
    EXPECT_EQ(done.status, Status::error_tmo);
    EXPECT_EQ(done.count, size);
    stream_.room = size / 2;
    done = write(data);
    EXPECT_EQ(done.status, Status::error_tmo);
    EXPECT_EQ(done.count, size / 2);
  }
}

TEST_F(MessageChannelTest, TheMarkEndsAnAnswerAsEnd) {
  stream_.input = "1.5\n2.5\n";
  EXPECT_EQ(read(), ended("1.5\n"));
  EXPECT_TRUE(stream_.rules.back().suppress_end) << "a pause is no END";
  EXPECT_EQ(read(2), filled("2."));
  EXPECT_EQ(read(2), ended("5\n"));
  EXPECT_EQ(read(), late(""));
}

TEST_F(MessageChannelTest, EndThatIsSuppressedIsNone) {
  stream_.input = "1\n2\n";
  EXPECT_EQ(read(4, {.suppress_end = true}), filled("1\n2\n"));
  stream_.input = "1;2\n";
  const EndRule rule{.suppress_end = true, .termchar_enabled = true, .termchar = ';'};
  EXPECT_EQ(read(4, rule), (Got{"1;", Status::success, StopReason::termchar}));
}

TEST_F(MessageChannelTest, TheProgramsOwnCharacterEndsAReadAsWhatItIs) {
  stream_.input = "1;2\n";
  EXPECT_EQ(read(100, {.termchar_enabled = true, .termchar = ';'}),
            (Got{"1;", Status::success, StopReason::termchar}));
  EXPECT_EQ(read(100, {.termchar_enabled = true, .termchar = '\n'}), ended("2\n"))
      << "END outranks the termination character";
}

TEST_F(MessageChannelTest, TheMarkInsideABlockIsData) {
  for (const std::string answer : {"#15a\nb\nc\n", "#15abcd\n\n", "#210\n\n\n\n\n\n\n\n\n\n\n",
                                   ":CURV #13\n\n\n\n", "CURVE #3003\n\n\n\n", "#11\n,#12\n\n\n",
                                   "#11\n;#12\n\n\n", "#10\n", "#9000000002\n\n\n"}) {
    stream_.input = answer;
    EXPECT_EQ(read(), ended(answer));
    for (const std::size_t count : {1u, 2u, 3u, 5u}) {  // whatever the pieces are
      stream_.input = answer;
      std::string all;
      auto got = read(count);
      for (int i = 0; i < 100 && got.reason != StopReason::end && ok(got.status); ++i) {
        all += got.data;
        got = read(count);
      }
      EXPECT_EQ(all + got.data, answer) << count;
      EXPECT_EQ(got.reason, StopReason::end) << answer << ' ' << count;
      EXPECT_EQ(stream_.input, "");
    }
  }
}

TEST_F(MessageChannelTest, WhatOnlyLooksLikeABlockEndsAtTheMark) {
  for (const std::string answer :
       {"ACME,Model #19,SN1\n", "\"text #19\"\n", "#H1F\n", "#0abc\n", "#\n", "#2\n", "#2x\n",
        "ON,#19\n", "1 2 #19\n", "##19\n", "A#19\n", "#11x #19\n"}) {
    stream_.input = answer + "next\n";
    EXPECT_EQ(read(), ended(answer));
    EXPECT_EQ(read(), ended("next\n"));
  }
}

TEST_F(MessageChannelTest, ABlockThatDoesNotComeIsALateAnswerAndTheNextMessageBeginsAnew) {
  stream_.input = "#15a\n";
  EXPECT_EQ(read(), late("#15a\n"));
  stream_.input = "b\n";
  EXPECT_EQ(read(), late("b\n")) << "still inside the block";
  write("*CLS");
  stream_.input = "1\n";
  EXPECT_EQ(read(), ended("1\n"));
  stream_.input = "#15a\n";
  EXPECT_EQ(read(), late("#15a\n"));
  EXPECT_EQ(channel_.clear(call_), Status::success);
  stream_.input = "2\n";
  EXPECT_EQ(read(), ended("2\n"));
}

TEST_F(MessageChannelTest, AReadOfNothingAndTheRestGoToTheStream) {
  EXPECT_EQ(read(0).data, "");
  EXPECT_TRUE(channel_.traits().duplex);
  EXPECT_TRUE(channel_.traits().ends_messages);
  channel_.wake();
  EXPECT_EQ(stream_.woken, 1);
  channel_.close(call_);
  EXPECT_EQ(stream_.closed, 1);
}

}  // namespace
}  // namespace visa::core
