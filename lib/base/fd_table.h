// SPDX-License-Identifier: MIT
// The table of the descriptors that a child of fork closes. It is apart from ChildClosedFd, which
// fills it, because the fork hooks (fork_stamp.cpp) need the table and ChildClosedFd needs them.
#pragma once

#include "lib/base/fork_table.h"

namespace visa::detail {

/// Each place holds a descriptor plus one, because 0 marks a free place. Change it inside a
/// ForkPause only.
extern ForkTable<int> noted_fds;

/// For the child handler of fork: closes all registered descriptors. Async-signal-safe.
void close_noted_fds_in_child() noexcept;

}  // namespace visa::detail
