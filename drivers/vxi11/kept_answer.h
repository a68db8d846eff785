// SPDX-License-Identifier: MIT
// What an instrument has given away and no viRead has taken yet: an answer that came after its read
// had given up, or the rest of one that was longer than the read asked for. The instrument will not
// say it again, so it waits here for the next read; a write or a clear drops it. It grows by what
// really arrives, never by what a length on the wire promises, and within a bound. Owned by a link;
// one thread at a time.
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
  /// So many bytes may wait here, or as many as the caller had room for.
  static constexpr std::size_t kMost = std::size_t{16} * 1024 * 1024;

  std::size_t most() const noexcept { return most_; }
  void allow(std::size_t size) noexcept { most_ = std::max(kMost, size); }

  bool empty() const noexcept { return taken_ == bytes_.size(); }
  /// The next read has to look here, if only for what is missing.
  bool pending() const noexcept { return !empty() || !flaw_.empty(); }
  bool full() const noexcept { return bytes_.size() - taken_ >= most_; }

  /// Room at the end for as many of `wanted` bytes as are worth receiving at once; what of it was
  /// not used goes back by `unused`.
  std::span<std::byte> room(std::size_t wanted);
  void unused(std::size_t count) { bytes_.resize(bytes_.size() - count); }

  /// Moves bytes to `into` until it is full, nothing is left or the termination character of `rule`
  /// was moved, which sets `termchar`. How many.
  std::size_t hand_out(std::span<std::byte> into, const spi::EndRule& rule, bool& termchar);

  /// How the answer ended: the reason of the device_read that brought it. Counts once it is empty.
  std::uint32_t reason() const noexcept { return reason_; }
  void ends_by(std::uint32_t reason) noexcept { reason_ = reason; }

  /// The answer is not whole: says what became of the rest. Empty: it is.
  const std::string& flaw() const noexcept { return flaw_; }
  void spoil(std::string_view flaw) { flaw_ = flaw; }

  /// Forgets everything, and gives the memory back.
  void clear() noexcept;

 private:
  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
  std::size_t most_ = kMost;
  std::uint32_t reason_ = 0;
  std::string flaw_;
};

}  // namespace visa::drivers::vxi11
