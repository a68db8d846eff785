// SPDX-License-Identifier: MIT
// Invariant: no wake-up is lost. The cancelling thread sets the token before it takes the mutex in
// `wake`; a waiting thread reads the token under that mutex.
#include "drivers/common/gate.h"

namespace visa::drivers {

Status Gate::enter(const Call& call) {
  MutexLock lock(mutex_);
  if (!busy_) {
    busy_ = true;
    return Status::success;
  }
  struct Waiting {  // a destructor, so that forced unwinding restores the count too
    unsigned& count;
    ~Waiting() { --count; }
  } const waiting{++waiting_};
  while (busy_) {
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return Status::error_tmo;
    changed_.wait_until(lock, call.deadline.time_point(), call);
  }
  busy_ = true;
  return Status::success;
}

void Gate::leave() noexcept {
  const MutexLock lock(mutex_);
  busy_ = false;
  if (waiting_ > 0) changed_.notify_all();
}

void Gate::wake() noexcept {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

}  // namespace visa::drivers
