// SPDX-License-Identifier: MIT
// The lock of an instrument over HiSLIP (IVI-6.1 section 6.5): exclusive, shared by those who know
// the key, or both, and the sessions that wait for it.
//
// Owned by a HislipDevice; on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace visa::sim {

/// A session that holds locks or waits for one; known by its address.
class HislipLockUser {
 public:
  virtual ~HislipLockUser() = default;
  /// The request that waited has been granted. Called while another session is served.
  virtual void on_lock_granted() = 0;
  /// Another's lock may be gone. Likewise.
  virtual void on_lock_changed() = 0;
};

class HislipLock {
 public:
  /// The control codes of AsyncLockResponse to a request.
  enum class Answer : std::uint8_t { failure = 0, success = 1, waits = 2, error = 3 };
  /// Those to a release.
  enum class Released : std::uint8_t { exclusive = 1, shared = 2, error = 3 };

  /// An empty key asks for the exclusive lock. What cannot be had now waits, if `wait`; else it is
  /// a failure. Asking again for what one has, or while one waits, is an error.
  Answer request(HislipLockUser& user, std::string_view key, bool wait);
  /// Gives up the exclusive lock, or the shared one if that is all there is. Grants what waits.
  Released release(HislipLockUser& user);
  /// A request that waits is withdrawn; false: there was none.
  bool withdraw(const HislipLockUser& user);
  /// The user is gone, with all its locks.
  void forget(const HislipLockUser& user);

  /// Nobody else's lock keeps `user` out.
  bool admits(const HislipLockUser& user) const noexcept;
  bool exclusive() const noexcept { return exclusive_ != nullptr; }
  /// Users that hold any lock; one with both counts once.
  std::size_t holders() const noexcept;

 private:
  struct Waiter {
    HislipLockUser* user;
    std::string key;
  };

  bool holds_shared(const HislipLockUser& user) const noexcept;
  bool grant(HislipLockUser& user, std::string_view key);
  void grant_waiters();

  HislipLockUser* exclusive_ = nullptr;
  std::vector<const HislipLockUser*> shared_;
  std::string key_;  ///< of the shared lock
  std::deque<Waiter> waiters_;
};

}  // namespace visa::sim
