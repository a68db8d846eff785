// SPDX-License-Identifier: MIT
// Every live handle of the process in one number space: sessions, find lists and event
// contexts. A number is not used again while the 32-bit counter lasts, so that a stale handle of a
// misbehaving program is refused instead of hitting a stranger. Thread-safe: lookups share the
// lock, so two sessions never wait for each other in the data path.
#pragma once

#include <memory>
#include <set>
#include <shared_mutex>
#include <unordered_map>

#include "lib/core/object.h"

namespace visa::core {

class ObjectTable {
 public:
  /// Gives `object` its handle and makes it findable.
  Handle insert(std::shared_ptr<Object> object);

  /// The same, and notes the handle among those that `owner` closes: both or, without memory, none.
  Handle insert(std::shared_ptr<Object> object, std::set<Handle>& owner);

  /// Makes `object` findable under a handle that this process has already given out, and that no
  /// object here has: a manager's, in a child of fork.
  void insert_as(Handle handle, std::shared_ptr<Object> object);

  /// The object behind `handle`, kept alive by the result; null when there is none or it is of a
  /// kind that T does not hold.
  template <class T>
  std::shared_ptr<T> find(Handle handle) const {
    const std::shared_lock lock(mutex_);
    const auto found = objects_.find(handle);
    if (found == objects_.end() || !T::holds(found->second->kind())) return nullptr;
    return std::static_pointer_cast<T>(found->second);
  }

  /// Unpublishes `handle`: exactly one caller gets the object.
  std::shared_ptr<Object> remove(Handle handle);

  std::size_t size() const;

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<Handle, std::shared_ptr<Object>> objects_;
};

/// The handle the next object of this process will get. Handles go on in a child of fork where the
/// parent was, so that inherited ones are recognised by being smaller.
Handle next_handle() noexcept;

}  // namespace visa::core
