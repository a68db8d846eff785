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

/// `fd` itself when it is above the standard three, or -1; else a close-on-exec duplicate above
/// them, `fd` being closed. -1 with errno where there is no number left. Costs a comparison in the
/// usual case and leaves errno alone then.
inline int high_fd(int fd) noexcept {
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  return detail::moved_up(fd);
}

}  // namespace visa
