// SPDX-License-Identifier: MIT
// The bytes that an instrument has sent and no viRead has taken: an answer that came after its read
// had timed out, or the rest of an answer that was longer than the read asked for. The instrument
// will not send them again, so they wait here for the next read; a write or a clear drops them. The
// memory grows with the bytes that arrive, never by a length from the wire, and within a bound.
// Owned by a link; one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/spi/transfer_rules.h"

namespace visa::drivers::vxi11 {

class KeptAnswer {
 public:
  /// At most this many bytes are kept, or as many as the caller's buffer could hold if that is
  /// more.
  static constexpr std::size_t kMost = std::size_t{16} * 1024 * 1024;

  std::size_t most() const noexcept { return most_; }
  void allow(std::size_t size) noexcept { most_ = std::max(kMost, size); }

  bool empty() const noexcept { return taken_ == bytes_.size(); }
  /// The next read has to look here: there are bytes, or a flaw to report.
  bool pending() const noexcept { return !empty() || !flaw_.empty(); }
  bool full() const noexcept { return bytes_.size() - taken_ >= most_; }

  /// Room at the end to receive into, for `wanted` bytes or fewer; `unused` returns the part that
  /// was not filled.
  std::span<std::byte> room(std::size_t wanted);
  void unused(std::size_t count) { bytes_.resize(bytes_.size() - count); }

  /// Moves bytes to `into` until it is full, nothing is left or the termination character of `rule`
  /// was moved, which sets `termchar`. Returns how many bytes it moved.
  std::size_t hand_out(std::span<std::byte> into, const spi::EndRule& rule, bool& termchar);

  /// How the answer ended: the reason word of its device_read. Valid when all bytes were taken.
  std::uint32_t reason() const noexcept { return reason_; }
  void ends_by(std::uint32_t reason) noexcept { reason_ = reason; }

  /// If the answer is incomplete: what happened to the rest. Empty if it is complete.
  const std::string& flaw() const noexcept { return flaw_; }
  void spoil(std::string_view flaw) { flaw_ = flaw; }

  /// Drops everything and frees the memory.
  void clear() noexcept;

 private:
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
  std::size_t most_ = kMost;
  std::uint32_t reason_ = 0;
  std::string flaw_;
};

}  // namespace visa::drivers::vxi11
