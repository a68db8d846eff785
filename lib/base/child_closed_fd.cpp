// SPDX-License-Identifier: MIT
// Invariant: whenever a fork can happen, an open descriptor is in the table by its number, or,
// while it is being closed, in the table of those by its number and file. So each change of the
// tables is inside a ForkPause, together with the call that makes the descriptor, but not with the
// one that closes it. A fork copies the descriptors before the memory, so the second entry goes
// only when no fork is in progress.
#include "lib/base/child_closed_fd.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>

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
  const std::uint64_t word = detail::closing_word(noted_fd(*place));
  ForkTable<std::uint64_t>::Place* closing = nullptr;
  {
    const ForkPause pause;
    if (word != 0) closing = detail::closing_fds.enter(word);
    const int fd = ForkTable<int>::leave(place) - 1;
    if (closing == nullptr && fd >= 0) ::close(fd);  // there is no memory
  }
  if (closing == nullptr) return;
  // A signal handler may have forked meanwhile: then the child has closed the descriptor already.
  const int fd = detail::closing_fd(closing->load(std::memory_order_relaxed));
  if (fd >= 0) ::close(fd);
  const ForkPause pause;
  ForkTable<std::uint64_t>::leave(closing);
}

}  // namespace visa
