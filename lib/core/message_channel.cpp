// SPDX-License-Identifier: MIT
// Invariant: the scanner has seen exactly the bytes of the current answer that were delivered.
#include "lib/core/message_channel.h"

#include <algorithm>
#include <array>
#include <utility>

namespace visa::core {
namespace {

// Up to this size a message and its mark go out in one piece, by a copy; a larger one in two.
constexpr std::size_t kCopied = 2048;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// What a header of an answer is made of (":CURV", "DATA?").
bool is_header(char c) noexcept {
  const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return letter || is_digit(c) || c == ':' || c == '*' || c == '_' || c == '?';
}

}  // namespace

void BlockScanner::outside(char c) noexcept {
  const bool after_block = std::exchange(after_block_, false);
  if (digits_ != 0) {
    if (is_digit(c)) {
      length_ = length_ * 10 + static_cast<unsigned>(c - '0');
      if (--digits_ == 0) {
        left_ = length_;
        after_block_ = left_ == 0;
      }
      return;
    }
    digits_ = 0;  // no block after all
  } else if (std::exchange(hash_, false) && c >= '1' && c <= '9') {
    digits_ = static_cast<unsigned>(c - '0');
    length_ = 0;
    return;
  } else if (c == '#' && may_begin_) {
    hash_ = true;
    may_begin_ = only_header_ = false;
    return;
  }
  may_begin_ = (c == ' ' && only_header_) || (after_block && (c == ',' || c == ';'));
  only_header_ = only_header_ && is_header(c);
}

bool BlockScanner::pass(std::span<const std::byte> bytes) noexcept {
  bool data = false;
  while (!bytes.empty()) {
    data = left_ != 0;
    if (data) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= size;
      after_block_ = left_ == 0;
      bytes = bytes.subspan(size);
    } else if (plain()) {
      return true;
    } else {
      outside(static_cast<char>(bytes.front()));
      bytes = bytes.subspan(1);
    }
  }
  return !data;
}

spi::Traits MessageChannel::traits() const noexcept {
  auto traits = stream_->traits();
  traits.ends_messages = true;
  return traits;
}

spi::ReadResult MessageChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                     Call& call) {
  if (rule.suppress_end || into.empty()) {
    new_answer_.store(true, std::memory_order_relaxed);
    return stream_->read(into, rule, call);
  }
  if (new_answer_.exchange(false, std::memory_order_relaxed)) scanner_ = {};
  const spi::EndRule data{.suppress_end = true, .protocol = rule.protocol};
  spi::EndRule line{.suppress_end = true,
                    .termchar_enabled = true,
                    .termchar = rule.termchar,
                    .protocol = rule.protocol};
  if (!rule.termchar_enabled) line.termchar = std::to_integer<std::uint8_t>(mark_);
  std::size_t count = 0;
  for (;;) {
    const auto rest = into.subspan(count);
    const auto left = scanner_.left();
    const auto size = left == 0 ? rest.size() : std::min<std::uint64_t>(left, rest.size());
    const auto room = rest.first(static_cast<std::size_t>(size));
    const auto got = stream_->read(room, left == 0 ? line : data, call);
    const bool outside = got.count != 0 && scanner_.pass(room.first(got.count));
    count += got.count;
    if (failed(got.status)) return {got.status, count};
    if (got.reason == spi::StopReason::end || got.reason == spi::StopReason::closed) {
      scanner_ = {};
      return {got.status, count, got.reason};
    }
    if (got.reason == spi::StopReason::termchar && outside) {
      scanner_ = {};
      const bool marked = line.termchar == std::to_integer<std::uint8_t>(mark_);
      return {got.status, count, marked ? spi::StopReason::end : spi::StopReason::termchar};
    }
    if (count == into.size() || got.count == 0) return {got.status, count, spi::StopReason::count};
  }
}

spi::WriteResult MessageChannel::write_marked(std::span<const std::byte> data, Call& call) {
  if (data.size() < kCopied) {
    std::array<std::byte, kCopied> message;
    *std::copy(data.begin(), data.end(), message.begin()) = mark_;
    auto done = stream_->write(std::span(message).first(data.size() + 1), spi::WriteEnd::end, call);
    done.count = std::min(done.count, data.size());
    return done;
  }
  auto done = stream_->write(data, spi::WriteEnd::none, call);
  if (ok(done.status)) done.status = stream_->write({&mark_, 1}, spi::WriteEnd::end, call).status;
  return done;
}

spi::WriteResult MessageChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                       Call& call) {
  new_answer_.store(true, std::memory_order_relaxed);
  const bool marked = data.empty() || data.back() == mark_;
  if (rule.end != spi::WriteEnd::end || marked) return stream_->write(data, rule, call);
  return write_marked(data, call);
}

Status MessageChannel::clear(Call& call) {
  new_answer_.store(true, std::memory_order_relaxed);
  return stream_->clear(call);
}

}  // namespace visa::core
