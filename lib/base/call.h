// SPDX-License-Identifier: MIT
// One call of the API on its way down: its deadline, its cancel token and the text for the user.
// Made by the core once per call, on the caller's stack, and passed to everything that may wait.
// The token belongs to the call, not to the channel, so that a cancel is neither lost nor sticky
// (architecture section 3). `cancel` and `cancelled` may be used from any thread, the rest belongs
// to the thread inside the call.
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
  /// A part of `whole` on another thread: ends with it, but has its own detail.
  explicit Call(const Call& whole, Deadline when) noexcept : deadline(when), whole_(&whole) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  /// Nothing below waits longer than this.
  Deadline deadline;

  /// VI_ATTR_TMO_VALUE where the deadline was made of it, for wires that hand it on to the
  /// instrument to the millisecond (VXI-11 B.5.4); negative elsewhere. Nobody waits by it.
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
