// SPDX-License-Identifier: MIT
// The locks of one resource: viLock, viUnlock, the check before every transfer, and
// VI_ATTR_RSRC_LOCK_STATE (VPP-4.3 3.6). LockRegistry makes one domain for each name that a driver
// gives a device (spi::Identity::key); all sessions on the device share it, and its SharedRecord
// shows its locks to other processes. Any thread: one mutex guards the record and the line of
// waiters; the check before a transfer reads atomics only.
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
#include "lib/locks/shared_record.h"

namespace visa::locks {

class LockDomain {
 public:
  /// Without a `store` the locks are those of this domain alone.
  explicit LockDomain(std::string name, std::shared_ptr<LockStore> store = nullptr);
  LockDomain(const LockDomain&) = delete;
  LockDomain& operator=(const LockDomain&) = delete;

  struct Granted {
    Status status;
    std::string key;  ///< The group's key for shared, "" for exclusive (3.6.14) and failures.
  };

  /// viLock: grants, or waits in line until `call.deadline`. An immediate deadline fails with
  /// error_rsrc_locked, an elapsed one with error_tmo, a cancelled call with error_abort, a full
  /// table of locks with error_alloc. A failure changes no count and leaves in `call.detail` which
  /// session or process holds the resource. Two requests of one session may wait at once.
  /// `requested_key` counts for shared locks only (3.6.13); pass it whole, or at least its first
  /// 256 characters, because a longer key must be refused (3.6.17). If other processes should see
  /// the lock but cannot, `call.detail` of a success says so.
  Granted lock(SessionId session, LockKind kind, std::optional<std::string_view> requested_key,
               Call& call);

  /// viUnlock: gives one count back and grants the waiting requests that are possible now.
  Status unlock(SessionId session);

  /// The same for a lock of `kind` (error_sesn_nlocked: none of that kind is held). For an unlock
  /// or a failed lock that has a part of its own elsewhere, and so means this kind and no other.
  Status unlock(SessionId session, LockKind kind);

  /// viClose calls this before it returns (3.6.21). Sets both counts to 0 and ends the requests of
  /// `session` that still wait with error_abort. Cancel the session's calls first: a cancelled call
  /// never gets a lock, so a closed session holds nothing afterwards.
  void release_all(SessionId session);

  /// False if a lock of another session, in any process, shuts `session` out. Every transfer asks
  /// this first. It costs three atomic loads when nothing has changed and the resource is free or
  /// exclusively held by this process, and a few more for a shared group. It makes no system call
  /// and takes the mutex only for a group of more than kFastMembers sessions. Before a lock of
  /// another process refuses the transfer, the kernel is asked whether that process lives. It opens
  /// no file: after the lock file was deleted, lock() and unlock() move to the next one.
  bool may_pass(SessionId session) const noexcept;

  /// error_rsrc_locked with the holder in `call.detail`, for a session that may not pass.
  Status refuse(Call& call) const;

  /// VI_ATTR_RSRC_LOCK_STATE; the same from every session of every process (3.6.2).
  LockState state() const noexcept;

  /// Wakes all waiting requests so that they notice a cancelled call. Use after Call::cancel().
  void wake();

  /// The name of the resource, as given to LockRegistry::domain.
  const std::string& name() const noexcept { return name_; }

  /// For user texts: whether other processes see the locks (LockStore::where).
  std::string where() const { return shared_.where(); }

  /// How many requests wait now.
  std::size_t waiting() const;

  static constexpr std::size_t kFastMembers = 8;

 private:
  struct Waiter;
  class PlaceInLine;

  bool needs_the_file(SessionId session, LockKind kind, std::string_view key) const
      VISA_EXCLUDES(mutex_);
  void renew_if_retired() VISA_EXCLUDES(mutex_);
  void renew_unlocked(MutexLock& held);
  Status wait_in_line(Waiter& waiter, Call& call, MutexLock& held) VISA_REQUIRES(mutex_);
  void give(Waiter& waiter, Status status) VISA_REQUIRES(mutex_);
  void answer(Waiter& waiter, Status status) VISA_REQUIRES(mutex_);
  bool wants_more_than_this_process_knows() const VISA_REQUIRES(mutex_);
  void serve() VISA_REQUIRES(mutex_);
  Status hand_on(Status released) VISA_REQUIRES(mutex_);
  bool settle_one(Waiter& waiter, SharedRecord::Entry* entry) VISA_REQUIRES(mutex_);
  void settle_line(SharedRecord::Entry* entry) VISA_REQUIRES(mutex_);
  SharedRecord::Wish wish_of(const Waiter& waiter) const VISA_REQUIRES(mutex_);
  std::optional<SharedRecord::Wish> oldest_wish() const VISA_REQUIRES(mutex_);
  void publish() const noexcept VISA_REQUIRES(mutex_);
  bool passes(SessionId session) const noexcept;
  void look(SharedRecord::Liveness liveness) const noexcept;
  Status refuse(Status status, Call& call) const VISA_REQUIRES(mutex_);
  std::string holder() const VISA_REQUIRES(mutex_);

  const std::string name_;
  mutable Mutex mutex_;
  LockRecord record_ VISA_GUARDED_BY(mutex_);
  std::list<Waiter*> line_ VISA_GUARDED_BY(mutex_);  // oldest first, each on its thread's stack
  // Keeps a copy of what other processes hold; const questions renew it.
  mutable SharedRecord shared_;  // under mutex_, except current()
  SharedRecord::Outcome entered_ VISA_GUARDED_BY(mutex_) = SharedRecord::Outcome::detached;
  Deadline::Clock::time_point served_ VISA_GUARDED_BY(mutex_){};

  // What may_pass reads; written under mutex_. gate_: state in the upper half, exclusive owner in
  // the lower half, where 0 means another process. members_: 0 marks an unused place.
  mutable std::atomic<std::uint64_t> gate_{0};
  mutable std::array<std::atomic<SessionId>, kFastMembers> members_{};
  mutable std::atomic<bool> more_members_{false};
  mutable std::atomic<bool> held_elsewhere_{false};  // another process holds something
};

}  // namespace visa::locks
