// SPDX-License-Identifier: MIT
// The calls that are inside one resource manager session or one I/O session: which of them may use
// the channel now, which wait, and which viTerminate and viClose have to end. It joins the register
// of calls and the lanes, so that entering an idle session costs one uncontended mutex
// (docs/architecture.md, Lanes). Thread-safe: everything is guarded by `mutex_`, which is never
// held while a call runs.
#pragma once

#include <cstdint>

#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/status.h"
#include "lib/base/thread_annotations.h"

namespace visa::core {

/// What a call needs for itself alone. `none` only registers the call; `attributes` is for those
/// that a driver keeps, `remote_lock` for the lock an instrument keeps: beside transfers, but one
/// at a time.
/// `formatted` is for the formatted buffers, one lane for both of them: it comes together with that
/// of the wire (print, scan, query).
enum class Lane : std::uint8_t {
  none = 0,
  read = 1,
  write = 2,
  both = 3,
  attributes = 4,
  formatted = 8,
  scan = 9,
  print = 10,
  query = 11,
  remote_lock = 16,
};

class Traffic {
 public:
  Traffic() = default;
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// Whether a signal ends the calls that wait (Call::ends_on_signal). Before the first call.
  void end_calls_on_signal(bool yes) noexcept { ends_on_signal_ = yes; }

  /// Refuses every further call, cancels those inside, those still waiting for a lane included.
  void close() VISA_EXCLUDES(mutex_);

  /// viTerminate: cancels the calls inside. Later calls are not affected.
  void cancel_all() VISA_EXCLUDES(mutex_);

  /// Makes those who wait for a lane look at their cancel tokens.
  void wake() VISA_EXCLUDES(mutex_);

  /// Waits until nobody is inside; false when `until` came first.
  bool wait_until_empty(Deadline until) VISA_EXCLUDES(mutex_);

 private:
  friend class Passage;

  struct Entry {
    Call* call;
    Entry* next = nullptr;
    Entry* previous = nullptr;
  };

  Status enter(Entry& entry, Lane lane) VISA_EXCLUDES(mutex_);
  void leave(Entry& entry, Lane held) noexcept VISA_EXCLUDES(mutex_);
  void unlink(Entry& entry) noexcept VISA_REQUIRES(mutex_);

  bool ends_on_signal_ = false;
  Mutex mutex_;
  Condition changed_;
  Entry* first_ VISA_GUARDED_BY(mutex_) = nullptr;
  unsigned waiting_ VISA_GUARDED_BY(mutex_) = 0;
  std::uint8_t busy_ VISA_GUARDED_BY(mutex_) = 0;
  bool closing_ VISA_GUARDED_BY(mutex_) = false;
};

/// One call's stay. Leaves on destruction, so that a thread ended by force leaves too.
class Passage {
 public:
  /// Waits for `lane` as long as `call` may. See status().
  Passage(Traffic& traffic, Call& call, Lane lane)
      : traffic_(traffic), lane_(lane), entry_{&call}, status_(traffic.enter(entry_, lane)) {}
  ~Passage() {
    if (ok(status_)) traffic_.leave(entry_, lane_);
  }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;

  /// success: inside. error_inv_object: the session is being closed. error_abort: cancelled while
  /// waiting. error_tmo: the lane was not free in time.
  Status status() const noexcept { return status_; }

 private:
  Traffic& traffic_;
  const Lane lane_;
  Traffic::Entry entry_;
  const Status status_;
};

}  // namespace visa::core
