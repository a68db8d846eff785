// SPDX-License-Identifier: MIT
#include "lib/base/fork_stamp.h"

#include <pthread.h>

#include <atomic>

namespace visa {
namespace {

std::atomic<std::uint32_t> stamp{1};

void in_child() {
  stamp.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

void watch_forks() noexcept {
  // A failure leaves the stamp alone: the library then works as one that knows nothing of fork.
  static const int once = pthread_atfork(nullptr, nullptr, in_child);
  static_cast<void>(once);
}

std::uint32_t fork_stamp() noexcept {
  return stamp.load(std::memory_order_relaxed);
}

}  // namespace visa
