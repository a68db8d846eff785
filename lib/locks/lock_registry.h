// SPDX-License-Identifier: MIT
// Finds the lock domain of a resource name, so that all sessions on one name share one; the domains
// of all processes meet in a file in one of the folders it is given. Owned by the Library; domains
// may outlive it. Any thread: one mutex around the table.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "lib/locks/lock_domain.h"
#include "lib/locks/lock_folder.h"

namespace visa::locks {

class LockRegistry {
 public:
  /// The first of `folders` that will do is used, from the first domain() on. With none of them,
  /// or none given, locks hold inside this registry only.
  explicit LockRegistry(std::vector<LockFolder> folders = {});
  LockRegistry(const LockRegistry&) = delete;
  LockRegistry& operator=(const LockRegistry&) = delete;
  ~LockRegistry();

  /// The domain of `canonical_name` (the Default RM has a name of the caller's choosing). It lives
  /// as long as somebody holds it; the table keeps nothing for names without a session.
  std::shared_ptr<LockDomain> domain(std::string_view canonical_name);

  /// Names in the table; bounded by the live sessions.
  std::size_t size() const;

 private:
  struct Table;
  struct Listed;
  std::shared_ptr<Table> table_;
};

}  // namespace visa::locks
