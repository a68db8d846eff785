// SPDX-License-Identifier: MIT
// One object per process, made at its first use and never destroyed: threads may still be inside it
// while the process exits. A child of fork does not see its parent's object, whose mutexes may be
// held by threads that do not exist there; the child makes its own and leaks the old. Constant
// initialisation, so that a namespace-scope object needs no constructor at load time. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "lib/base/fork_stamp.h"

namespace visa {

template <class T>
class ProcessLocal {
 public:
  constexpr ProcessLocal() noexcept = default;
  ProcessLocal(const ProcessLocal&) = delete;
  ProcessLocal& operator=(const ProcessLocal&) = delete;

  /// The object of this process, or null before its first `instance`. Two loads.
  T* current() const noexcept {
    Held* held = held_.load(std::memory_order_acquire);
    return held != nullptr && held->stamp == fork_stamp() ? &held->value : nullptr;
  }

  /// Returns the object and makes it if there is none yet. Several threads may construct one at
  /// once; one of their objects is kept. No mutex: a child of fork might find it locked for ever.
  /// Throws what T's constructor throws.
  T& instance() {
    return instance([](T&) {});
  }

  /// The same; `prepare(T&)` works on a fresh object before any other thread can see it.
  template <class Prepare>
  T& instance(Prepare&& prepare) {
    watch_forks();
    Held* seen = held_.load(std::memory_order_acquire);
    if (seen != nullptr && seen->stamp == fork_stamp()) return seen->value;
    auto made = std::make_unique<Held>();
    prepare(made->value);
    if (held_.compare_exchange_strong(seen, made.get(), std::memory_order_acq_rel)) {
      return made.release()->value;
    }
    return seen->value;  // another thread was first
  }

  /// The object even if a parent process made it; null if no process did. For questions about the
  /// parent.
  T* even_inherited() const noexcept {
    Held* held = held_.load(std::memory_order_acquire);
    return held == nullptr ? nullptr : &held->value;
  }

 private:
  struct Held {
    const std::uint32_t stamp = fork_stamp();
    T value;
  };
  std::atomic<Held*> held_{nullptr};
};

}  // namespace visa
