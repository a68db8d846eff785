// SPDX-License-Identifier: MIT
// Tells whether this process made an object or inherited it by fork, and guards descriptors against
// a fork at the wrong moment. A child of fork has copies of the library's sessions and mutexes but
// not the threads that may hold them: the exported functions refuse state from before the fork
// (docs/architecture.md, fork), and the child closes the descriptors it must not keep
// (child_closed_fd.h). Any thread.
#pragma once

#include <cstdint>

namespace visa {

/// Installs the fork hooks. Call it before the first stamp is taken and before the first descriptor
/// is made. The hooks stay for the life of the process, so the library is linked such that it is
/// never unloaded. Returns false when the system has no memory for the hooks: the library then does
/// not notice forks, and the next call tries again. Costs one load once the hooks are installed.
bool watch_forks() noexcept;

/// A number that grows in every child of fork. Costs one relaxed load.
std::uint32_t fork_stamp() noexcept;

/// Makes forks of other threads wait while a descriptor is open but not yet in the table of
/// descriptors, so that no child inherits one it does not know of. It may span a few system calls
/// that do not block (close(2) of the last copy of a descriptor may), costs no system call itself,
/// and must not be nested. A fork waits for it 1 s at most, because a signal handler that forks may
/// have interrupted the thread inside the pause.
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
