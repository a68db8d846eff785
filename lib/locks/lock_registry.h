// SPDX-License-Identifier: MIT
// Finds the lock domain of a resource name, so that all sessions on one name share one domain. The
// domains of all processes share their locks through a file in one of the given folders. Owned by
// the Library; domains may outlive it. Any thread: one mutex guards the table.
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
  /// The first domain() chooses the first usable one of `folders`. Without a usable folder locks
  /// hold inside this registry only.
  explicit LockRegistry(std::vector<LockFolder> folders = {});
  LockRegistry(const LockRegistry&) = delete;
  LockRegistry& operator=(const LockRegistry&) = delete;
  ~LockRegistry();

  /// The domain of the resource `name`: spi::Identity::key, which all names of one device have in
  /// common, or for the Default RM a name that the caller chooses. It lives while a caller holds
  /// the pointer; the table keeps nothing for names without a session.
  std::shared_ptr<LockDomain> domain(std::string_view name);

  /// How many names are in the table; at most one per open session.
  std::size_t size() const;

 private:
  struct Table;
  struct Listed;
  std::shared_ptr<Table> table_;
};

}  // namespace visa::locks
