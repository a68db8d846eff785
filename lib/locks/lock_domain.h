// SPDX-License-Identifier: MIT
// The locks of one resource (canonical name): viLock, viUnlock, the check before every transfer,
// and VI_ATTR_RSRC_LOCK_STATE (VPP-4.3 3.6). Got from LockRegistry and shared by all sessions on
// the name. Any thread: the record and the queue are guarded by one mutex; the check before a
// transfer reads atomics only. Locks across processes come behind this same interface.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/base/call.h"
#include "lib/base/status.h"
#include "lib/base/thread_annotations.h"
#include "lib/locks/lock_record.h"

namespace visa::locks {

class LockDomain {
 public:
  explicit LockDomain(std::string name) : name_(std::move(name)) {}
  LockDomain(const LockDomain&) = delete;
  LockDomain& operator=(const LockDomain&) = delete;

  struct Granted {
    Status status;
    std::string key;  ///< The group's key for shared, "" for exclusive (3.6.14) and failures.
  };

  /// viLock: grants, or waits in line until `call.deadline`. An immediate deadline fails with
  /// error_rsrc_locked, an elapsed one with error_tmo, a cancelled call with error_abort; a failure
  /// changes no count and leaves in `call.detail` who holds the resource. Two requests of one
  /// session may wait at once. `requested_key` is looked at for shared only (3.6.13); give it
  /// whole, or at least its first 256 characters, because a longer one must be refused (3.6.17).
  Granted lock(SessionId session, LockKind kind, std::optional<std::string_view> requested_key,
               Call& call);

  /// viUnlock: gives one count back and hands the resource to whoever may have it now.
  Status unlock(SessionId session);

  /// What viClose does before it returns (3.6.21): both counts to 0, and requests of `session` that
  /// still wait end with error_abort. Cancel the session's calls first: a cancelled call never gets
  /// a lock, so nothing can be held afterwards by a session that is gone.
  void release_all(SessionId session);

  /// False if a lock of another session shuts `session` out. Asked before every transfer: one
  /// atomic load when the resource is free or exclusively held, a few more for a shared group, no
  /// mutex (only a group of more than kFastMembers sessions is looked up under it).
  bool may_pass(SessionId session) const noexcept;

  /// VI_ATTR_RSRC_LOCK_STATE; the same from every session (3.6.2).
  LockState state() const noexcept;

  /// Wakes all waiting requests so that they look at their calls again; after Call::cancel().
  void wake();

  /// The canonical name of the resource.
  const std::string& name() const noexcept { return name_; }

  /// Requests waiting now.
  std::size_t waiting() const;

  static constexpr std::size_t kFastMembers = 8;

 private:
  struct Waiter;
  class PlaceInLine;

  Status wait_in_line(Waiter& waiter, Call& call, MutexLock& held) VISA_REQUIRES(mutex_);
  void give(Waiter& waiter, Status status) VISA_REQUIRES(mutex_);
  void settle_line() VISA_REQUIRES(mutex_);
  void publish() noexcept VISA_REQUIRES(mutex_);
  Status refuse(Status status, Call& call) const VISA_REQUIRES(mutex_);

  const std::string name_;
  mutable Mutex mutex_;
  LockRecord record_ VISA_GUARDED_BY(mutex_);
  std::list<Waiter*> line_ VISA_GUARDED_BY(mutex_);  // oldest first, each on its thread's stack

  // What may_pass reads, 0 in a place without member. Written under mutex_: state in the upper
  // half, exclusive owner in the lower.
  std::atomic<std::uint64_t> gate_{0};
  std::array<std::atomic<SessionId>, kFastMembers> members_{};
  std::atomic<bool> more_members_{false};
};

}  // namespace visa::locks
