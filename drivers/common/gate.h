// SPDX-License-Identifier: MIT
// Admits one call at a time to something that several threads use, such as a connection that
// carries one exchange at a time. A waiting call returns at its own deadline or when it is
// cancelled. Any thread.
#pragma once

#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/status.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers {

class Gate {
 public:
  Gate() = default;
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Makes waiting calls look at their cancel tokens.
  void wake() noexcept VISA_EXCLUDES(mutex_);

 private:
  friend class GatePass;

  Status enter(const Call& call) VISA_EXCLUDES(mutex_);
  void leave() noexcept VISA_EXCLUDES(mutex_);

  Mutex mutex_;
  Condition changed_;
  bool busy_ VISA_GUARDED_BY(mutex_) = false;
  unsigned waiting_ VISA_GUARDED_BY(mutex_) = 0;
};

/// Enters the gate and leaves it on destruction, so that a thread ended by force leaves it too.
class GatePass {
 public:
  GatePass(Gate& gate, const Call& call) : gate_(gate), status_(gate.enter(call)) {}
  ~GatePass() {
    if (ok(status_)) gate_.leave();
  }
  GatePass(const GatePass&) = delete;
  GatePass& operator=(const GatePass&) = delete;

  /// success: inside. error_tmo, error_abort: not admitted.
  Status status() const noexcept { return status_; }

 private:
  Gate& gate_;
  const Status status_;
};

}  // namespace visa::drivers
