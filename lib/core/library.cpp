// SPDX-License-Identifier: MIT
#include "lib/core/library.h"

#include <atomic>

#include "lib/base/fork_stamp.h"
#include "lib/core/resource_manager.h"
#include "lib/spi/builtin.h"

namespace visa::core {
namespace {

std::atomic<Library*> library{nullptr};

constinit Library::Managers open_managers;

bool is_open_manager(Handle handle) noexcept {
  bool found = false;
  open_managers.each([&](const auto& place) { found = found || place.load() == handle; });
  return found;
}

}  // namespace

Library::Library()
    : stamp(fork_stamp()),
      first_handle(next_handle()),
      lock_registry(lock_folders()),
      drivers(spi::make_builtin_drivers()),
      finders(spi::make_builtin_finders()) {}

Library* Library::current() noexcept {
  Library* found = library.load(std::memory_order_acquire);
  return found != nullptr && found->stamp == fork_stamp() ? found : nullptr;
}

Library* Library::serving(Handle handle) {
  Library* found = library.load(std::memory_order_acquire);
  if (found == nullptr || found->stamp == fork_stamp()) return found;
  return is_open_manager(handle) ? &instance() : nullptr;
}

Library& Library::instance() {
  watch_forks();
  Library* seen = library.load(std::memory_order_acquire);
  if (seen != nullptr && seen->stamp == fork_stamp()) return *seen;
  // No mutex: in a child of fork it could be held by a thread of the parent.
  auto made = std::make_unique<Library>();
  if (seen != nullptr) ResourceManager::adopt_managers(*made);
  if (library.compare_exchange_strong(seen, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *seen;  // another thread was first
}

bool Library::inherited(Handle handle) noexcept {
  const Library* found = library.load(std::memory_order_acquire);
  if (found == nullptr || handle == 0) return false;
  // first_handle is 1 in a process that was not forked with our handles in it.
  const Handle end = found->stamp != fork_stamp() ? next_handle() : found->first_handle;
  return handle < end && !is_open_manager(handle);
}

void Library::disown(Handle handle) noexcept {
  open_managers.each([&](Managers::Place& place) {
    if (place.load() == handle) Managers::leave(&place);
  });
}

Library::Managers& Library::managers() noexcept {
  return open_managers;
}

}  // namespace visa::core
