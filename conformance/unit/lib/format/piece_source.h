// SPDX-License-Identifier: MIT
// What the tests and the fuzzer of the scan read from: a device that sends a message in pieces of a
// given size and then nothing.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "lib/format/byte_source.h"

namespace visa::format {

/// Every piece lies in memory of exactly its size, so that a sanitizer sees a look past it.
class PieceSource : public ByteSource {
 public:
  /// `message` ends with END unless `end` is false; then VI_ERROR_TMO follows it.
  explicit PieceSource(std::string message, std::size_t piece = 4096, bool end = true)
      : message_(std::move(message)), piece_(piece), end_(end) {}

  Status more() override {
    if (end_at_hand() || at_hand().size() >= kKept) std::abort();  // the contract of the source
    ++waits;
    if (sent_ == message_.size() && !end_) {
      set_at_hand(nullptr, nullptr, false);
      return failure;
    }
    const std::size_t kept = at_hand().size();
    const std::size_t next = std::min(piece_, message_.size() - sent_);
    auto memory = std::make_unique<char[]>(kept + next);
    std::copy_n(at_hand().data(), kept, memory.get());
    std::copy_n(message_.data() + sent_, next, memory.get() + kept);
    sent_ += next;
    memory_ = std::move(memory);
    set_at_hand(memory_.get(), memory_.get() + kept + next, sent_ == message_.size() && end_);
    return Status::success;
  }

  Status read(std::span<std::byte> into, Until until, std::size_t& got) override {
    last_until = until;
    got = std::min(into.size(), at_hand().size());
    if (got > 0) std::memcpy(into.data(), at_hand().data(), got);
    consume(got);
    if (got == into.size() || end_at_hand()) return Status::success;
    const std::size_t direct = std::min(into.size() - got, message_.size() - sent_);
    std::memcpy(into.data() + got, message_.data() + sent_, direct);
    sent_ += direct;
    got += direct;
    copied_directly += direct;
    count_consumed(direct);
    const bool ended = sent_ == message_.size() && end_;
    set_at_hand(nullptr, nullptr, ended);
    return got < into.size() && !ended ? failure : Status::success;
  }

  /// What was not consumed.
  std::string rest() const { return std::string(at_hand()) + message_.substr(sent_); }

  Status failure = Status::error_tmo;
  int waits = 0;
  std::size_t copied_directly = 0;
  Until last_until = Until::end;

 private:
  const std::string message_;
  const std::size_t piece_;
  const bool end_;
  std::size_t sent_ = 0;
  std::unique_ptr<char[]> memory_;
};

}  // namespace visa::format
