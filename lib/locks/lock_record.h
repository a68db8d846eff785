// SPDX-License-Identifier: MIT
// Which sessions of this process hold what on one resource, and what VPP-4.3 3.6 answers to the
// next request. Only the rules: no waiting, no threads, no files, so they are the same with and
// without other processes. Owned by a LockDomain. Not thread-safe: use it under the domain's mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"
#include "lib/base/status.h"

namespace visa::locks {

/// The handle of a session, never 0. A session is one holder: its threads do not exclude each
/// other.
using SessionId = std::uint32_t;

/// The numbers are VI_EXCLUSIVE_LOCK and VI_SHARED_LOCK.
enum class LockKind : std::uint32_t { exclusive = 1, shared = 2 };

/// What VI_ATTR_RSRC_LOCK_STATE reports; the numbers are VI_NO_LOCK, VI_EXCLUSIVE_LOCK,
/// VI_SHARED_LOCK.
enum class LockState : std::uint32_t { none = 0, exclusive = 1, shared = 2 };

/// Rule 3.6.17: keys of this length work, longer ones are refused and never cut.
inline constexpr std::size_t kMaxKeyLength = 255;

/// The kind that an argument of viLock means; error_inv_lock_type for any other number (3.6.3).
Result<LockKind> lock_kind(std::uint32_t value);

/// The answer to a request. Granted and refused are final; wait means that another holder must
/// release first.
struct Verdict {
  enum class Outcome : std::uint8_t { granted, wait, refused };
  Outcome outcome;
  Status status;  ///< What viLock returns; success for wait.
};

/// What other processes hold on the resource: an exclusive lock, a shared group with its key, both
/// (exclusive over shared), or nothing.
struct HeldElsewhere {
  bool exclusive = false;
  bool shared = false;
  std::string_view key{};
};

class LockRecord {
 public:
  struct Holder {
    SessionId session;
    std::uint64_t exclusive = 0;  // 64 bits, so that nesting cannot overflow it
    std::uint64_t shared = 0;
  };

  /// The answer to `session` asking for `kind` now. `key` counts for shared only, "" is no key.
  /// `elsewhere` never changes a refusal or a nested grant.
  Verdict judge(SessionId session, LockKind kind, std::string_view key,
                const HeldElsewhere& elsewhere = {}) const noexcept;

  /// Enters a request that judge() has just granted. `key` becomes the group's key if the session
  /// is the first member in this process; otherwise it is unused. Allocates nothing if make_room()
  /// was called for it.
  void grant(SessionId session, LockKind kind, std::string key);

  /// Gives back one count of `session`, exclusive before shared (3.6.34-3.6.36).
  /// error_sesn_nlocked when it holds none (3.6.38).
  Status release_one(SessionId session) noexcept;

  /// The same for a count of `kind`. error_sesn_nlocked when it holds none of that kind.
  Status release(SessionId session, LockKind kind) noexcept;

  /// Sets both counts of `session` to 0 (3.6.21). False when it held nothing.
  bool release_all(SessionId session) noexcept;

  /// Reserves memory for `count` further holders, so that grants by hand-over cannot fail.
  void make_room(std::size_t count) { holders_.reserve(holders_.size() + count); }

  /// What the process as a whole holds; exclusive wins over shared (3.6.24, 3.6.25).
  LockState state() const noexcept;

  /// The session that holds the resource exclusively; 0 when none does.
  SessionId exclusive_owner() const noexcept;

  /// True if `session` belongs to the shared group.
  bool is_member(SessionId session) const noexcept;

  /// The key of the shared group; "" when there is no group.
  const std::string& key() const noexcept { return key_; }

  /// All sessions that hold something.
  const std::vector<Holder>& holders() const noexcept { return holders_; }

 private:
  const Holder* find(SessionId session) const noexcept;
  Holder* find(SessionId session) noexcept;
  void tidy() noexcept;

  std::vector<Holder> holders_;  // few, so a linear search is enough
  std::string key_;
};

}  // namespace visa::locks
