// SPDX-License-Identifier: MIT
// viLock and viUnlock where the instrument has a lock of its own. Ours comes first and goes last,
// so that two sessions of this computer never compete on the wire. What nests and what is shared
// stays here: the instrument sees one lock, from the first exclusive one to the last.
//
// Invariant, inside Lane::remote_lock: remote_locks_ counts the exclusive locks of this session
// that were granted with the remote one held, which is held exactly while that is not 0. A nested
// lock that comes in while the first is still being taken waits for the lane and then takes it
// itself where the first has failed.
#include <utility>

#include "lib/core/session.h"

namespace visa::core {

using Granted = locks::LockDomain::Granted;

Granted Session::lock_until(locks::LockKind kind, std::optional<std::string_view> key,
                            Deadline deadline) {
  Granted granted = Resource::lock_until(kind, key, deadline);
  auto* remote = channel_->facets().remote_lock;
  if (failed(granted.status) || kind != locks::LockKind::exclusive || remote == nullptr) {
    return granted;
  }
  Call call(deadline);
  const auto status = lock_remote(*remote, call);
  if (ok(status)) return granted;
  domain().unlock(handle());
  remember(status, std::move(call.detail));
  return {status, {}};
}

Status Session::lock_remote(spi::RemoteLockFacet& remote, Call& call) {
  const Passage passage(traffic(), call, Lane::remote_lock);
  if (failed(passage.status())) return passage.status();
  const auto status = remote_locks_ > 0 ? Status::success : remote.lock(call);
  if (ok(status)) ++remote_locks_;
  return status;
}

Status Session::unlock() {
  auto* remote = channel_->facets().remote_lock;
  if (remote == nullptr) return Resource::unlock();
  Call call(store().deadline());
  const Passage passage(traffic(), call, Lane::remote_lock);
  if (failed(passage.status())) return passage.status();
  if (remote_locks_ == 1) {
    const auto status = remote->unlock(call);
    // A lost connection has taken the lock with it; otherwise both are still held.
    if (failed(status) && status != Status::error_conn_lost) {
      return remember(status, std::move(call.detail));
    }
  }
  const auto status = Resource::unlock();  // 3.6.34: exclusive ones go first
  if (ok(status) && remote_locks_ > 0) --remote_locks_;
  return status;
}

}  // namespace visa::core
