// SPDX-License-Identifier: MIT
// `inside` counts the threads in a ForkPause, `forks` the forks in progress. A thread and a fork
// each raise their own counter before they read the other's, in one total order: either the fork
// sees the thread and waits, or the thread sees the fork and waits. The fork handlers touch atomics
// only, because a signal handler may fork.
#include "lib/base/fork_stamp.h"

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <chrono>

#include "lib/base/fd_table.h"

namespace visa {
namespace {

using Clock = std::chrono::steady_clock;

// A thread stays in a pause for a few system calls; on a busy machine it may first have to be
// scheduled.
constexpr std::chrono::milliseconds kForkPatience{1000};
// A fork copies the page tables of the whole process, so a pause waits longer for a fork.
constexpr std::chrono::milliseconds kPausePatience{2000};

std::atomic<bool> watching{false};
std::atomic<std::uint32_t> stamp{1};
std::atomic<int> inside{0};
std::atomic<int> forks{0};

void wait_until_none(const std::atomic<int>& count, Clock::duration patience) noexcept {
  if (count.load() == 0) return;
  for (const auto end = Clock::now() + patience; count.load() > 0 && Clock::now() < end;) {
    ::sched_yield();
  }
}

void before_fork() {
  forks.fetch_add(1);
  wait_until_none(inside, kForkPatience);
}
void in_parent() {
  forks.fetch_sub(1);
}
void in_child() {
  forks.store(0);
  inside.store(0);
  stamp.fetch_add(1, std::memory_order_relaxed);
  detail::close_noted_fds_in_child();
}

}  // namespace

bool watch_forks() noexcept {
  if (watching.load(std::memory_order_acquire)) return true;
  // Not a function-local static: a fork during its first use would leave it half-initialised in the
  // child for ever. Two threads may install the hooks twice, which does no harm.
  if (::pthread_atfork(before_fork, in_parent, in_child) != 0) return false;
  watching.store(true, std::memory_order_release);
  return true;
}

std::uint32_t fork_stamp() noexcept {
  return stamp.load(std::memory_order_relaxed);
}

ForkPause::ForkPause() noexcept : stamp_(fork_stamp()) {
  inside.fetch_add(1);
  if (forks.load() == 0) return;
  inside.fetch_sub(1);
  wait_until_none(forks, kPausePatience);
  inside.fetch_add(1);
}

ForkPause::~ForkPause() {
  // If a signal handler forked inside the pause, the child has reset the counter to 0.
  if (stamp_ == fork_stamp()) inside.fetch_sub(1);
}

}  // namespace visa
