// SPDX-License-Identifier: MIT
// A program may run with descriptor 0, 1 or 2 closed. The next open(2) or socket(2) then gets that
// number, and what the program prints would go to the instrument. Every descriptor the library
// makes therefore passes through here, most of them by way of UniqueFd. Any thread.
#pragma once

#include <unistd.h>

namespace visa {

namespace detail {
int moved_up(int fd) noexcept;
}

/// Returns `fd` when it is above 2, or -1. Otherwise closes it and returns a close-on-exec
/// duplicate above 2, or -1 with errno when no number is left. The usual case costs one comparison
/// and leaves errno alone.
inline int high_fd(int fd) noexcept {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  return detail::moved_up(fd);
}

}  // namespace visa
