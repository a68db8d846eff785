// SPDX-License-Identifier: MIT
// viLock and viUnlock where the instrument has locks of its own. The lock of this computer comes
// first and goes last, so that two of its sessions never compete on the wire. What nests stays
// here: of each kind the instrument carries it sees one lock, from the first of this session to the
// last.
//
// Invariant, inside Lane::remote_lock: remote_exclusive_ and remote_shared_ count the locks of this
// session that were granted with the remote one of that kind held, which is held exactly while the
// count is not 0. A nested lock that comes in while the first is still being taken waits for the
// lane and then takes the remote lock itself where the first has failed.
#include <string>
#include <utility>

#include "lib/core/session.h"

namespace visa::core {

using Granted = locks::LockDomain::Granted;

namespace {

spi::RemoteLockKind remote_kind(locks::LockKind kind) noexcept {
  return kind == locks::LockKind::exclusive ? spi::RemoteLockKind::exclusive
                                            : spi::RemoteLockKind::shared;
}

/// True for a viUnlock after which the instrument probably has the lock still. After any other
/// failure no viUnlock could succeed: without a link there is no lock to give back.
bool may_be_tried_again(Status status) noexcept {
  return status == Status::error_tmo || status == Status::error_abort ||
         status == Status::error_alloc;
}

}  // namespace

Granted Session::lock_until(locks::LockKind kind, std::optional<std::string_view> key,
                            Deadline deadline) {
  Granted granted = Resource::lock_until(kind, key, deadline);
  auto* remote = channel_->facets().remote_lock;
  if (failed(granted.status) || remote == nullptr || !remote->carries(remote_kind(kind))) {
    return granted;
  }
  struct Undo {  // also when the thread is cancelled while it waits, or memory runs out
    Session& session;
    locks::LockKind kind;
    bool needed = true;
    ~Undo() {
      if (needed) session.domain().unlock(session.handle(), kind);
    }
  } undo{*this, kind};
  Call call(deadline);
  const auto status = lock_remote(*remote, kind, granted.key, call);
  undo.needed = failed(status);
  if (ok(status)) return granted;
  remember(status, std::move(call.detail));
  return {status, {}};
}

Status Session::lock_remote(spi::RemoteLockFacet& remote, locks::LockKind kind,
                            const std::string& key, Call& call) {
  const Passage passage(traffic(), call, Lane::remote_lock);
  if (failed(passage.status())) return passage.status();
  auto& held = kind == locks::LockKind::exclusive ? remote_exclusive_ : remote_shared_;
  const auto status = held > 0 ? Status::success : remote.lock(remote_kind(kind), key, call);
  if (ok(status)) ++held;
  return status;
}

Status Session::unlock() {
  auto* remote = channel_->facets().remote_lock;
  if (remote == nullptr) return Resource::unlock();
  Call call(store().deadline());
  const Passage passage(traffic(), call, Lane::remote_lock);
  if (failed(passage.status())) return passage.status();
  // 3.6.34: exclusive ones go first.
  const auto kind = remote_exclusive_ > 0 ? locks::LockKind::exclusive : locks::LockKind::shared;
  auto& held = kind == locks::LockKind::exclusive ? remote_exclusive_ : remote_shared_;
  if (held == 0) {
    // A lock that the domain has granted, but not yet the instrument, is one that another thread's
    // viLock still waits for.
    return released(remote->carries(remote_kind(kind)) ? Status::error_sesn_nlocked
                                                       : domain().unlock(handle(), kind));
  }
  const auto status = held == 1 ? remote->unlock(remote_kind(kind), call) : Status::success;
  if (may_be_tried_again(status)) return remember(status, std::move(call.detail));
  --held;
  const auto left = domain().unlock(handle(), kind);
  // A lost connection has taken the lock of the instrument with it, which is what was asked for.
  if (ok(status) || status == Status::error_conn_lost) return left;
  const auto reason = call.detail.empty() ? domain().name() : call.detail;
  return remember(status,
                  reason +
                      "; this session holds the lock no more; if the instrument still does, "
                      "it ends when the session is closed");
}

}  // namespace visa::core
