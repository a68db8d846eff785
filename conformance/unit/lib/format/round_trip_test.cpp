// SPDX-License-Identifier: MIT
// What is printed is read: random arrays and blocks through write buffer, wire and read buffer of
// random sizes, on a wire with messages and on a stream that pauses where it likes and whose
// termination character stands in the data, too. Between two answers nothing is left over.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdarg>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "lib/format/print_engine.h"
#include "lib/format/read_buffer.h"
#include "lib/format/scan_engine.h"
#include "lib/format/write_buffer.h"

namespace visa::format {
namespace {

/// What is written comes back, in pieces.
class Echo final : public spi::Channel {
 public:
  Echo(std::mt19937& random, bool stream) : random_(random), stream_(stream) {}

  void close(Call&) noexcept override {}
  spi::Traits traits() const noexcept override { return {}; }
  void wake() noexcept override {}

  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call&) override {
    EXPECT_FALSE(data.empty());
    open_.append(reinterpret_cast<const char*>(data.data()), data.size());
    if (rule.end == spi::WriteEnd::end) {
      messages_.push_back(std::move(open_));
      open_.clear();
    }
    return {Status::success, data.size()};
  }

  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call&) override {
    if (messages_.empty()) return {Status::error_tmo, 0, {}};
    std::string& message = messages_.front();
    const bool may_pause = stream_ && !rule.suppress_end;
    std::size_t count = std::min(into.size(), message.size());
    if (may_pause) count = std::min<std::size_t>(count, 1 + random_() % 3000);
    auto reason = count == into.size() ? spi::StopReason::count : spi::StopReason::end;
    if (rule.termchar_enabled) {
      const auto at = message.find(static_cast<char>(rule.termchar));
      if (at < count) {
        count = at + 1;
        reason = spi::StopReason::termchar;
      }
    }
    std::memcpy(into.data(), message.data(), count);
    message.erase(0, count);
    const bool over = message.empty();
    if (over) messages_.pop_front();
    if (!stream_) reason = over ? spi::StopReason::end : spi::StopReason::count;
    if (stream_ && rule.suppress_end && reason == spi::StopReason::end) {
      return {Status::error_tmo, count, {}};  // it would wait for the rest
    }
    return {Status::success, count, reason};
  }

  std::size_t left() const { return messages_.size(); }

 private:
  std::mt19937& random_;
  const bool stream_;
  std::string open_;
  std::deque<std::string> messages_;
};

class RoundTrip : public ::testing::TestWithParam<bool> {
 protected:
  bool stream() const { return GetParam(); }

  FormattedDevice wire() {
    FormattedDevice wire{echo_, call_, std::nullopt, {}};
    wire.stream = stream();
    wire.rule = {.suppress_end = stream(), .termchar_enabled = stream()};
    return wire;
  }

  Status put(const char* format, ...) {
    auto device = wire();
    WireSink sink(write_buffer_, device);
    std::va_list list;
    va_start(list, format);
    ArgumentList arguments(list);
    va_end(list);
    const auto status = print(format, arguments, sink, {});
    sink.keep();
    return status;
  }
  Status get(bool new_message, const char* format, ...) {
    auto device = wire();
    WireSource source(read_buffer_, device, new_message);
    std::va_list list;
    va_start(list, format);
    ArgumentList arguments(list);
    va_end(list);
    return scan(format, arguments, source, {});
  }
  void other_sizes() {
    const auto size = [this] {
      return static_cast<std::uint32_t>(random_() % 4 == 0 ? random_() % 20 : random_() % 5000);
    };
    write_buffer_.set_size(size());
    read_buffer_.set_size(size());
  }

  std::mt19937 random_{7};
  Call call_{Deadline::infinite()};
  Echo echo_{random_, GetParam()};
  WriteBuffer write_buffer_;
  ReadBuffer read_buffer_;
};

TEST_P(RoundTrip, Blocks) {
  for (int round = 0; round < 400; ++round) {
    other_sizes();
    const int count = static_cast<int>(random_() % (round % 10 == 0 ? 20'000 : 40)) + 1;
    std::vector<std::uint64_t> data(static_cast<std::size_t>(count));
    for (auto& value : data) {
      value =
          random_() % 2 != 0 ? 0x0A0A0A0A0A0A0A0AU : std::uint64_t{random_()} << 32U | random_();
    }
    static constexpr std::pair<const char*, std::size_t> kKinds[] = {{"", 1},   {"h", 2}, {"l", 4},
                                                                     {"ll", 8}, {"z", 4}, {"Z", 8}};
    const auto& [length, size] = kKinds[random_() % std::size(kKinds)];
    std::vector<std::uint64_t> got(data.size());
    int most = count;
    const bool rest = random_() % 2 == 0;
    ASSERT_EQ(put((std::string("%*") + length + "b\n").c_str(), count, data.data()),
              Status::success);
    ASSERT_EQ(
        get(true, (std::string("%#") + length + (rest ? "b%*t" : "b")).c_str(), &most, got.data()),
        Status::success)
        << round;
    ASSERT_EQ(most, count) << round;
    ASSERT_EQ(std::memcmp(data.data(), got.data(), size * data.size()), 0) << round;
  }
}

TEST_P(RoundTrip, ArraysOfNumbers) {
  for (int round = 0; round < 200; ++round) {
    other_sizes();
    const int count = static_cast<int>(random_() % 300) + 1;
    std::vector<double> reals(static_cast<std::size_t>(count));
    std::vector<std::int32_t> integers(reals.size());
    for (std::size_t i = 0; i < reals.size(); ++i) {
      do {
        reals[i] = std::bit_cast<double>(std::uint64_t{random_()} << 32U | random_());
      } while (!std::isfinite(reals[i]));
      integers[i] = static_cast<std::int32_t>(random_());
    }
    std::vector<double> reals_got(reals.size());
    std::vector<std::int32_t> integers_got(reals.size());
    int most = count;
    ASSERT_EQ(put("%.17,*lg\n", count, reals.data()), Status::success);
    ASSERT_EQ(get(true, "%,#lf", &most, reals_got.data()), Status::success);
    ASSERT_EQ(most, count);
    ASSERT_EQ(reals_got, reals) << round;
    ASSERT_EQ(put("%@H,*ld;%,*ld\n", count, integers.data(), count, integers.data()),
              Status::success);
    ASSERT_EQ(get(true, "%,#ld", &most, integers_got.data()), Status::success);
    ASSERT_EQ(integers_got, integers) << round;
    ASSERT_EQ(get(false, ";%,#ld%*t", &most, integers_got.data()), Status::success);
    ASSERT_EQ(integers_got, integers) << round;
    EXPECT_EQ(echo_.left(), 0u);
  }
}

TEST_P(RoundTrip, QuestionsStayInStepWithAnswers) {
  for (int round = 0; round < 2000; ++round) {
    if (round % 50 == 0) other_sizes();
    const int number = static_cast<int>(random_());
    int got = 0;
    switch (random_() % 3) {
      case 0: {
        int most = 3;
        char block[3] = {};
        ASSERT_EQ(put("%3b\n", "a\n\n"), Status::success);
        ASSERT_EQ(get(true, "%#b", &most, block), Status::success);
        ASSERT_EQ(std::string(block, 3), "a\n\n") << round;
        break;
      }
      case 1:
        ASSERT_EQ(put("%d\n", number), Status::success);
        ASSERT_EQ(get(true, "%d", &got), Status::success);
        ASSERT_EQ(got, number) << round;
        break;
      default: {
        char text[64] = {};
        ASSERT_EQ(put("x%d\n", number), Status::success);
        ASSERT_EQ(get(true, "%63t", text), Status::success);
        ASSERT_EQ(text, "x" + std::to_string(number) + "\n") << round;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OnWires, RoundTrip, ::testing::Bool(), [](const auto& wire) {
  return std::string(wire.param ? "Stream" : "Messages");
});

}  // namespace
}  // namespace visa::format
