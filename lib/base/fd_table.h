// SPDX-License-Identifier: MIT
// The table of the descriptors that a child of fork closes. It is apart from ChildClosedFd, which
// fills it, because the fork hooks (fork_stamp.cpp) need the table and ChildClosedFd needs them.
#pragma once

#include <cstdint>

#include "lib/base/fork_table.h"

namespace visa::detail {

/// Each place holds a descriptor plus one, because 0 marks a free place. Change it inside a
/// ForkPause only.
extern ForkTable<int> noted_fds;

/// The descriptors whose close(2) is in progress. It may take long (a serial line sends what was
/// written to it), so no fork waits for it. Each place holds a closing_word().
extern ForkTable<std::uint64_t> closing_fds;

/// Names a descriptor together with the file it is open on, because during its close the number may
/// get another file. 0 if the descriptor is not open. Async-signal-safe.
std::uint64_t closing_word(int fd) noexcept;

/// The descriptor in a closing_word(); negative if a child of fork has closed it.
inline int closing_fd(std::uint64_t word) noexcept {
  return static_cast<int>(static_cast<std::uint32_t>(word)) - 1;
}

/// For the child handler of fork: closes all registered descriptors. Async-signal-safe.
void close_noted_fds_in_child() noexcept;

}  // namespace visa::detail
