// SPDX-License-Identifier: MIT
// Something that has delayed actions: an instrument whose answer takes time, a wire that pauses.
// Owned by what it delays; the EventLoop asks and calls it on the bench's thread.
#pragma once

#include <chrono>
#include <optional>

namespace visa::sim {

using Clock = std::chrono::steady_clock;

class TimerSource {
 public:
  virtual ~TimerSource() = default;
  /// When on_due() wants to be called next; nothing when no action is pending.
  virtual std::optional<Clock::time_point> due() const = 0;
  virtual void on_due(Clock::time_point now) = 0;
};

}  // namespace visa::sim
