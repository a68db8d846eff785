// SPDX-License-Identifier: MIT
// Tells whether this process is the one that made an object. A child of fork has copies of our
// sessions and mutexes but not the threads that may hold them: state from before the fork is
// refused on entry (architecture section 4). Any thread.
#pragma once

#include <cstdint>

namespace visa {

/// Installs the fork hook; call once before the first stamp is taken. The hook stays for the life
/// of the process, which is why the library is linked not to be unloaded.
void watch_forks() noexcept;

/// Grows by one in every child of fork. One relaxed load.
std::uint32_t fork_stamp() noexcept;

}  // namespace visa
