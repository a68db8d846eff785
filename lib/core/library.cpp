// SPDX-License-Identifier: MIT
#include "lib/core/library.h"

#include <atomic>

#include "lib/base/fork_stamp.h"
#include "lib/spi/builtin.h"

namespace visa::core {
namespace {

std::atomic<Library*> library{nullptr};

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

Library& Library::instance() {
  watch_forks();
  Library* seen = library.load(std::memory_order_acquire);
  if (seen != nullptr && seen->stamp == fork_stamp()) return *seen;
  // No mutex: in a child of fork it could be held by a thread of the parent.
  auto made = std::make_unique<Library>();
  if (library.compare_exchange_strong(seen, made.get(), std::memory_order_acq_rel)) {
    return *made.release();
  }
  return *seen;  // another thread was first
}

bool Library::inherited(Handle handle) noexcept {
  const Library* found = library.load(std::memory_order_acquire);
  if (found == nullptr || handle == 0) return false;
  if (found->stamp != fork_stamp()) return handle < next_handle();
  // first_handle is 1 in a process that was not forked with our handles in it.
  return handle < found->first_handle;
}

}  // namespace visa::core
