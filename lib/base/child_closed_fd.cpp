// SPDX-License-Identifier: MIT
// Invariant: whenever a fork can happen, a number is in the table exactly while its descriptor is
// open, because both change inside a ForkPause.
#include "lib/base/child_closed_fd.h"

#include <unistd.h>

#include <cerrno>

#include "lib/base/cancel_shield.h"
#include "lib/base/fd_table.h"

namespace visa {

FdPlace* note_fd(int fd) noexcept {
  if (fd < 0) return nullptr;
  FdPlace* const place = watch_forks() ? detail::noted_fds.enter(fd + 1) : nullptr;
  if (place == nullptr) {
    UniqueFd{fd}.reset();
    errno = ENOMEM;
  }
  return place;
}

void close_noted_fd(FdPlace* place) noexcept {
  const CancelShield shield;
  const ForkPause pause;
  const int fd = ForkTable<int>::leave(place) - 1;
  if (fd >= 0) ::close(fd);
}

}  // namespace visa
