// SPDX-License-Identifier: MIT
// Tells whether this process is the one that made an object, and what a fork does to this library.
// A child of fork has copies of our sessions and mutexes but not the threads that may hold them:
// state from before the fork is refused on entry (architecture section 4), and the descriptors that
// must not live on in a child are closed there (child_closed_fd.h). Any thread.
#pragma once

#include <cstdint>

namespace visa {

/// Installs the fork hooks, before the first stamp is taken and before the first descriptor is
/// made. They stay for the life of the process, which is why the library is linked not to be
/// unloaded. False where the system has no memory for them: the library then knows nothing of
/// forks, and the next call tries again. One load once they are there.
bool watch_forks() noexcept;

/// `close` is called in every child of fork, before fork returns there: it closes the descriptors
/// that must not live on in a child, and is async-signal-safe. One function; set once.
void set_child_cleanup(void (*close)() noexcept) noexcept;

/// Grows in every child of fork. One relaxed load.
std::uint32_t fork_stamp() noexcept;

/// Keeps forks of other threads waiting while a descriptor is between the system and the table of
/// descriptors, so that no child gets one it does not know of. Costs no system call; for a few
/// system calls that do not wait; not to be nested. A fork waits for it 0.2 s at most, because a
/// signal handler that forks may have interrupted the very thread that is inside.
class ForkPause {
 public:
  ForkPause() noexcept;
  ~ForkPause();
  ForkPause(const ForkPause&) = delete;
  ForkPause& operator=(const ForkPause&) = delete;

 private:
  const std::uint32_t stamp_;
};

}  // namespace visa
