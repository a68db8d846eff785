// SPDX-License-Identifier: MIT
// Invariant: no waiter could be granted its lock now, unless grant_waiters() is at work.
#include "tools/sim/hislip/hislip_lock.h"

#include <algorithm>
#include <utility>

namespace visa::sim {

bool HislipLock::holds_shared(const HislipLockUser& user) const noexcept {
  return std::find(shared_.begin(), shared_.end(), &user) != shared_.end();
}

bool HislipLock::admits(const HislipLockUser& user) const noexcept {
  if (exclusive_ != nullptr) return exclusive_ == &user;
  return shared_.empty() || holds_shared(user);
}

std::size_t HislipLock::holders() const noexcept {
  return shared_.size() + (exclusive_ != nullptr && !holds_shared(*exclusive_) ? 1 : 0);
}

// A user gets the exclusive lock while nobody has any, or on top of its own shared one.
bool HislipLock::grant(HislipLockUser& user, std::string_view key) {
  if (exclusive_ != nullptr) return false;
  if (key.empty()) {
    if (!shared_.empty() && !holds_shared(user)) return false;
    exclusive_ = &user;
    return true;
  }
  if (!shared_.empty() && key != key_) return false;
  key_ = key;
  shared_.push_back(&user);
  return true;
}

HislipLock::Answer HislipLock::request(HislipLockUser& user, std::string_view key, bool wait) {
  const bool waits_already = std::any_of(waiters_.begin(), waiters_.end(),
                                         [&user](const Waiter& one) { return one.user == &user; });
  const bool redundant = exclusive_ == &user || (!key.empty() && holds_shared(user));
  if (waits_already || redundant) return Answer::error;
  if (grant(user, key)) return Answer::success;
  if (!wait) return Answer::failure;
  waiters_.push_back({&user, std::string(key)});
  return Answer::waits;
}

HislipLock::Released HislipLock::release(HislipLockUser& user) {
  Released released = Released::error;
  if (exclusive_ == &user) {
    exclusive_ = nullptr;
    released = Released::exclusive;
  } else if (std::erase(shared_, &user) > 0) {
    released = Released::shared;
  }
  grant_waiters();
  return released;
}

bool HislipLock::withdraw(const HislipLockUser& user) {
  return std::erase_if(waiters_, [&user](const Waiter& one) { return one.user == &user; }) > 0;
}

void HislipLock::forget(const HislipLockUser& user) {
  withdraw(user);
  exclusive_ = exclusive_ == &user ? nullptr : exclusive_;
  std::erase(shared_, &user);
  grant_waiters();
}

// Who waits longest comes first; one that cannot be served does not stop the others.
void HislipLock::grant_waiters() {
  for (std::size_t i = 0; i < waiters_.size();) {
    HislipLockUser& user = *waiters_[i].user;
    if (grant(user, waiters_[i].key)) {
      waiters_.erase(waiters_.begin() + static_cast<std::ptrdiff_t>(i));
      user.on_lock_granted();
    } else {
      ++i;
    }
  }
}

}  // namespace visa::sim
