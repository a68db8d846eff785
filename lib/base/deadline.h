// SPDX-License-Identifier: MIT
// When an operation has to be over: computed once at entry, on the monotonic clock, and passed down
// to every wait (style rule 18). "Immediate" and "infinite" are states of their own, because
// VI_TMO_IMMEDIATE and VI_TMO_INFINITE are not long or short times. A value type.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace visa {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// Do what can be done without waiting.
  static constexpr Deadline immediate() noexcept { return Deadline(Clock::time_point::min()); }
  /// Wait without a limit.
  static constexpr Deadline infinite() noexcept { return Deadline(Clock::time_point::max()); }
  /// `time` from now; zero or less is immediate.
  static Deadline after(std::chrono::milliseconds time) noexcept {
    if (time.count() <= 0) return immediate();
    return Deadline(Clock::now() + time);
  }
  static constexpr Deadline at(Clock::time_point when) noexcept { return Deadline(when); }

  constexpr bool is_immediate() const noexcept { return when_ == Clock::time_point::min(); }
  constexpr bool is_infinite() const noexcept { return when_ == Clock::time_point::max(); }

  bool expired() const noexcept {
    if (is_immediate()) return true;
    return !is_infinite() && Clock::now() >= when_;
  }

  /// time_point::max() where infinite, time_point::min() where immediate.
  constexpr Clock::time_point time_point() const noexcept { return when_; }

  /// The time left, never negative; duration::max() when infinite.
  Clock::duration remaining() const noexcept {
    if (is_immediate()) return Clock::duration::zero();
    if (is_infinite()) return Clock::duration::max();
    return std::max(Clock::duration::zero(), when_ - Clock::now());
  }

  /// For poll(2): rounded up so that a wait never ends early, -1 where infinite.
  int poll_milliseconds() const noexcept {
    if (is_infinite()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(remaining()).count();
    return static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
  }

  friend constexpr bool operator==(Deadline, Deadline) noexcept = default;
  /// The earlier one comes first; immediate before all, infinite after all.
  friend constexpr bool operator<(Deadline a, Deadline b) noexcept { return a.when_ < b.when_; }

 private:
  explicit constexpr Deadline(Clock::time_point when) noexcept : when_(when) {}
  Clock::time_point when_;
};

}  // namespace visa
