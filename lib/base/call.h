// SPDX-License-Identifier: MIT
// One call of the API on its way down: its deadline, its cancel token and the text for the user.
// The core makes it once per call, on the caller's stack, and passes it to everything that may
// wait. The token belongs to the call, not to the channel, so that a cancel is neither lost nor
// ends a later call (docs/architecture.md, Deadlines and cancelling). Any thread may use `cancel`
// and `cancelled`; the rest belongs to the thread inside the call.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/deadline.h"
#include "lib/base/status.h"

namespace visa {

class Call {
 public:
  explicit Call(Deadline when) noexcept : deadline(when) {}
  /// A part of `whole` that runs on another thread: cancelled together with it, but with a detail
  /// of its own.
  explicit Call(const Call& whole, Deadline when) noexcept : deadline(when), whole_(&whole) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Nothing below waits longer than this.
  Deadline deadline;

  /// VI_ATTR_TMO_VALUE when the deadline was computed from it, negative otherwise. For wires that
  /// send it to the instrument in milliseconds (VXI-11 B.5.4); no wait uses it.
  std::chrono::milliseconds timeout{-1};

  /// What failed, why and what to do, in one line of ASCII; empty while nothing is known.
  std::string detail;

  /// Notes `text` for the user and passes the status through: `return call.fail(...)`.
  Status fail(Status status, std::string_view text) {
    detail.assign(text);
    return status;
  }

  /// True: a signal that arrives while the call waits ends it, as viTerminate does. Set before the
  /// first wait.
  bool ends_on_signal = false;

  /// For every wait of this call whose system call was interrupted by a signal (EINTR).
  void interrupted() const noexcept {
    const Call& call = whole();
    if (!call.ends_on_signal) return;
    call.signalled_.store(true, std::memory_order_relaxed);
    call.cancelled_.store(true, std::memory_order_release);
  }
  bool watches_signals() const noexcept { return whole().ends_on_signal; }
  bool ended_by_signal() const noexcept {
    return whole().signalled_.load(std::memory_order_relaxed);
  }

  /// viTerminate and viClose end this call and no other.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_release); }
  bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_acquire) || (whole_ != nullptr && whole_->cancelled());
  }

 private:
  const Call& whole() const noexcept { return whole_ == nullptr ? *this : whole_->whole(); }

  const Call* const whole_ = nullptr;
  mutable std::atomic<bool> cancelled_{false};
  mutable std::atomic<bool> signalled_{false};
};

}  // namespace visa
