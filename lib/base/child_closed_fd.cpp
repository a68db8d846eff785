// SPDX-License-Identifier: MIT
// A number is in the table exactly while the descriptor is open, seen from any fork: both change
// inside a ForkPause. A place whose descriptor the child has closed stays its owner's, with kGone
// in it, until the owner gives it back.
#include "lib/base/child_closed_fd.h"

#include <unistd.h>

#include <cerrno>

#include "lib/base/cancel_shield.h"

namespace visa {
namespace {

// What stands in a place is the descriptor plus one: 0 is no number to the table.
constexpr int kGone = -1;

constinit ForkTable<int> table;

void close_all_in_child() noexcept {
  table.each([](FdPlace& place) {
    const int fd = place.exchange(kGone, std::memory_order_relaxed) - 1;
    if (fd >= 0) ::close(fd);
  });
}

}  // namespace

FdPlace* note_fd(int fd) noexcept {
  if (fd < 0) return nullptr;
  set_child_cleanup(close_all_in_child);
  FdPlace* const place = watch_forks() ? table.enter(fd + 1) : nullptr;
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
