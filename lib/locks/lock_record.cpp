// SPDX-License-Identifier: MIT
// The tables of docs/locks-and-events.md A2 and A3 as code. Invariants: at most one holder has an
// exclusive count; a holder in the list has at least one count; the key is empty exactly when no
// session holds a shared lock.
#include "lib/locks/lock_record.h"

#include <algorithm>
#include <utility>

namespace visa::locks {

namespace {

constexpr Verdict granted(Status status) {
  return {Verdict::Outcome::granted, status};
}
constexpr Verdict refused(Status status) {
  return {Verdict::Outcome::refused, status};
}
constexpr Verdict kWait{Verdict::Outcome::wait, Status::success};

}  // namespace

Result<LockKind> lock_kind(std::uint32_t value) {
  if (value == static_cast<std::uint32_t>(LockKind::exclusive)) return LockKind::exclusive;
  if (value == static_cast<std::uint32_t>(LockKind::shared)) return LockKind::shared;
  return Status::error_inv_lock_type;
}

Verdict LockRecord::judge(SessionId session, LockKind kind, std::string_view key,
                          const HeldElsewhere& elsewhere) const noexcept {
  const Holder* own = find(session);
  const SessionId owner = exclusive_owner();
  const bool shut_out = (owner != 0 && owner != session) || elsewhere.exclusive;
  const bool held = !holders_.empty() || elsewhere.shared;

  if (kind == LockKind::exclusive) {
    if (own != nullptr && own->exclusive > 0) {
      return granted(Status::success_nested_exclusive);  // 3.6.28
    }
    if (shut_out) return kWait;
    // A member may take exclusive over its shared lock; other sessions wait until the group ends.
    return own != nullptr || !held ? granted(Status::success) : kWait;  // 3.6.27
  }

  if (key.size() > kMaxKeyLength) return refused(Status::error_inv_access_key);  // 3.6.17
  if (own != nullptr && own->shared > 0) {
    // Nesting changes no other session's access, so it never waits, even under the exclusive lock
    // of another member.
    if (!key.empty() && key != key_) return refused(Status::error_inv_access_key);  // 3.6.31
    return granted(Status::success_nested_shared);                                  // 3.6.30
  }
  if (own != nullptr) return refused(Status::error_rsrc_locked);  // 3.6.12
  if (shut_out) return kWait;
  if (!held) return granted(Status::success);  // 3.6.29
  const std::string_view opens = key_.empty() ? elsewhere.key : key_;
  return key == opens && !key.empty() ? granted(Status::success) : kWait;  // 3.6.18
}

void LockRecord::grant(SessionId session, LockKind kind, std::string key) {
  Holder* own = find(session);
  if (own == nullptr) own = &holders_.emplace_back(Holder{session});
  if (kind == LockKind::exclusive) {
    ++own->exclusive;  // 3.6.10
  } else {
    if (key_.empty()) key_ = std::move(key);
    ++own->shared;  // 3.6.11
  }
}

Status LockRecord::release_one(SessionId session) noexcept {
  const Holder* own = find(session);
  const bool exclusive = own != nullptr && own->exclusive > 0;
  return release(session, exclusive ? LockKind::exclusive : LockKind::shared);  // 3.6.34, 3.6.35
}

Status LockRecord::release(SessionId session, LockKind kind) noexcept {
  Holder* own = find(session);
  if (own == nullptr) return Status::error_sesn_nlocked;  // 3.6.38
  auto& count = kind == LockKind::exclusive ? own->exclusive : own->shared;
  if (count == 0) return Status::error_sesn_nlocked;
  --count;
  Status status = Status::success;                                    // 3.6.36
  if (own->shared > 0) status = Status::success_nested_shared;        // 3.6.33
  if (own->exclusive > 0) status = Status::success_nested_exclusive;  // 3.6.32
  tidy();
  return status;
}

bool LockRecord::release_all(SessionId session) noexcept {
  Holder* own = find(session);
  if (own == nullptr) return false;
  own->exclusive = own->shared = 0;
  tidy();
  return true;
}

LockState LockRecord::state() const noexcept {
  if (holders_.empty()) return LockState::none;
  return exclusive_owner() != 0 ? LockState::exclusive : LockState::shared;
}

SessionId LockRecord::exclusive_owner() const noexcept {
  for (const Holder& holder : holders_) {
    if (holder.exclusive > 0) return holder.session;
  }
  return 0;
}

bool LockRecord::is_member(SessionId session) const noexcept {
  const Holder* holder = find(session);
  return holder != nullptr && holder->shared > 0;
}

const LockRecord::Holder* LockRecord::find(SessionId session) const noexcept {
  const auto own = std::find_if(holders_.begin(), holders_.end(),
                                [&](const Holder& holder) { return holder.session == session; });
  return own == holders_.end() ? nullptr : &*own;
}

LockRecord::Holder* LockRecord::find(SessionId session) noexcept {
  return const_cast<Holder*>(std::as_const(*this).find(session));
}

/// Restores the invariants after a count has gone down.
void LockRecord::tidy() noexcept {
  std::erase_if(holders_,
                [](const Holder& holder) { return holder.exclusive == 0 && holder.shared == 0; });
  const bool group = std::any_of(holders_.begin(), holders_.end(),
                                 [](const Holder& holder) { return holder.shared > 0; });
  if (!group) key_.clear();
}

}  // namespace visa::locks
