// SPDX-License-Identifier: MIT
// Duplicates a low descriptor and closes the original; errno is that of the duplication.
#include "lib/base/high_fd.h"

#include <fcntl.h>

#include <cerrno>

#include "lib/base/cancel_shield.h"

namespace visa {

int detail::moved_up(int fd) noexcept {
  const CancelShield shield;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  errno = error;
  return moved;
}

}  // namespace visa
