// SPDX-License-Identifier: MIT
// std::shared_mutex has no annotations for clang's analysis; everything here is a few lines under
// one lock each.
#include "lib/core/object_table.h"

#include <atomic>
#include <mutex>
#include <utility>

namespace visa::core {
namespace {

// Of the process, not of the table: see next_handle().
std::atomic<Handle> counter{1};

}  // namespace

Handle ObjectTable::insert(std::shared_ptr<Object> object) {
  const std::unique_lock lock(mutex_);
  Handle handle = 0;
  do {  // after 2^32 handles: skip VI_NULL and those still alive
    handle = counter.fetch_add(1, std::memory_order_relaxed);
  } while (handle == 0 || objects_.contains(handle));
  object->set_handle(handle);
  objects_.emplace(handle, std::move(object));
  return handle;
}

Handle ObjectTable::insert(std::shared_ptr<Object> object, std::set<Handle>& owner) {
  std::set<Handle> room{0};
  auto node = room.extract(room.begin());
  const Handle handle = insert(std::move(object));
  node.value() = handle;
  owner.insert(std::move(node));
  return handle;
}

void ObjectTable::insert_as(Handle handle, std::shared_ptr<Object> object) {
  const std::unique_lock lock(mutex_);
  object->set_handle(handle);
  objects_.insert_or_assign(handle, std::move(object));
}

std::shared_ptr<Object> ObjectTable::remove(Handle handle) {
  const std::unique_lock lock(mutex_);
  const auto found = objects_.find(handle);
  if (found == objects_.end()) return nullptr;
  auto object = std::move(found->second);
  objects_.erase(found);
  return object;
}

std::size_t ObjectTable::size() const {
  const std::shared_lock lock(mutex_);
  return objects_.size();
}

Handle next_handle() noexcept {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace visa::core
