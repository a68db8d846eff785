// SPDX-License-Identifier: MIT
// Invariant: an Entry is in the list exactly while its call is inside or waiting for its lane;
// busy_ holds the lanes of those inside. A waiter that is cancelled by force (pthread_cancel)
// unwinds through `enter`, whose guard takes the entry out again.
#include "lib/core/traffic.h"

namespace visa::core {

void Traffic::unlink(Entry& entry) noexcept {
  if (entry.previous != nullptr) {
    entry.previous->next = entry.next;
  } else {
    first_ = entry.next;
  }
  if (entry.next != nullptr) entry.next->previous = entry.previous;
}

Status Traffic::enter(Entry& entry, Lane lane) {
  const auto wanted = static_cast<std::uint8_t>(lane);
  entry.call->ends_on_signal = ends_on_signal_;
  MutexLock lock(mutex_);
  if (closing_) return Status::error_inv_object;
  entry.next = first_;
  if (first_ != nullptr) first_->previous = &entry;
  first_ = &entry;
  if ((busy_ & wanted) == 0) {
    busy_ |= wanted;
    return Status::success;
  }

  struct Waiting {  // undone on every way out but success, forced unwinding included
    Traffic& traffic;
    Entry& entry;
    bool admitted = false;
    ~Waiting() VISA_NO_THREAD_SAFETY_ANALYSIS {
      --traffic.waiting_;
      if (admitted) return;
      traffic.unlink(entry);
      traffic.changed_.notify_all();
    }
  } waiting{*this, entry};
  ++waiting_;
  for (;;) {
    if (entry.call->cancelled()) return Status::error_abort;
    if ((busy_ & wanted) == 0) break;
    if (entry.call->deadline.expired()) return Status::error_tmo;
    changed_.wait_until(lock, entry.call->deadline.time_point(), *entry.call);
  }
  busy_ |= wanted;
  waiting.admitted = true;
  return Status::success;
}

void Traffic::leave(Entry& entry, Lane held) noexcept {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    unlink(entry);
    busy_ &= static_cast<std::uint8_t>(~static_cast<std::uint8_t>(held));
    wake = waiting_ > 0 || closing_;
    if (wake) changed_.notify_all();  // under the mutex: a closer may free us once it sees no one
  }
}

void Traffic::close() {
  const MutexLock lock(mutex_);
  closing_ = true;
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) entry->call->cancel();
  changed_.notify_all();
}

void Traffic::cancel_all() {
  const MutexLock lock(mutex_);
  for (Entry* entry = first_; entry != nullptr; entry = entry->next) entry->call->cancel();
  changed_.notify_all();
}

void Traffic::wake() {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

bool Traffic::wait_until_empty(Deadline until) {
  MutexLock lock(mutex_);
  while (first_ != nullptr) {
    if (until.expired()) return false;
    changed_.wait_until(lock, until.time_point());
  }
  return true;
}

}  // namespace visa::core
