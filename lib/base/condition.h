// SPDX-License-Identifier: MIT
// A condition variable for threads that wait inside a call of the API. Where the call ends on a
// signal (Call::ends_on_signal), the thread sleeps on a futex instead: std::condition_variable does
// not tell that a signal handler of the program ran meanwhile. Any thread may notify; `wait` and
// `wait_until` are called with the mutex held that guards the condition, and may return early.
//
// The other kind of sleep is no cancellation point (pthread_cancel): it ends at the deadline.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>

#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"

namespace visa {

class Condition {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Condition() = default;
  Condition(const Condition&) = delete;
  Condition& operator=(const Condition&) = delete;

  void notify_all() noexcept {
    condition_.notify_all();
    wake_sleepers();
  }
  void notify_one() noexcept {
    condition_.notify_one();
    wake_sleepers();
  }

  void wait(MutexLock& lock) { lock.wait(condition_); }

  /// Until a notification, or `when`, which may be TimePoint::max(). A thread without a call of the
  /// API.
  void wait_until(MutexLock& lock, TimePoint when) { lock.wait_until(condition_, when); }

  /// The same for the thread of `call`, which is cancelled if it ends on a signal and one comes.
  void wait_until(MutexLock& lock, TimePoint when, const Call& call) {
    if (!call.watches_signals()) {
      lock.wait_until(condition_, when);
    } else {
      sleep_until(lock, when, call);
    }
  }

 private:
  void sleep_until(MutexLock& lock, TimePoint when, const Call& call);
  void wake_sleepers() noexcept {
    changes_.fetch_add(1);
    if (sleepers_.load() > 0) wake_all();
  }
  void wake_all() noexcept;

  std::condition_variable condition_;
  std::atomic<std::uint32_t> changes_{0};  // the futex
  std::atomic<std::uint32_t> sleepers_{0};
};

}  // namespace visa
