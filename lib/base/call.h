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

  /// viTerminate and viClose end this call and no other.
  void cancel() noexcept { cancelled_.store(true, std::memory_order_release); }
  bool cancelled() const noexcept {
    return cancelled_.load(std::memory_order_acquire) || (whole_ != nullptr && whole_->cancelled());
  }

 private:
  const Call* const whole_ = nullptr;
  std::atomic<bool> cancelled_{false};
};

}  // namespace visa
