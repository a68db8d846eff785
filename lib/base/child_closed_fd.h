// SPDX-License-Identifier: MIT
// A descriptor that a child of fork does not keep, for example a connection: a copy in a worker
// would hold the instrument's lock and its only session after the parent has died. The child closes
// it before fork returns there, with close(2) alone, which leaves what it shares with its parent
// (the connection, the lock) untouched. In the child the object is empty from then on, so that no
// destructor closes a newer descriptor of the same number. Registering a descriptor costs memory
// but no system call.
#pragma once

#include <atomic>
#include <utility>

#include "lib/base/fork_stamp.h"
#include "lib/base/fork_table.h"
#include "lib/base/unique_fd.h"

namespace visa {

/// The place of a descriptor in the table. For owners that share it between threads; all other code
/// uses ChildClosedFd.
using FdPlace = ForkTable<int>::Place;
/// The descriptor; negative after a child of fork has closed it.
inline int noted_fd(const FdPlace& place) noexcept {
  return place.load(std::memory_order_relaxed) - 1;
}

/// Takes over `fd`. Returns null when there is no memory (`fd` is closed, errno is ENOMEM) and when
/// `fd` is negative (errno stays as it was). Call it inside the ForkPause in which `fd` was made.
FdPlace* note_fd(int fd) noexcept;
/// Closes the descriptor and frees its place. No fork waits for that, however long it takes.
void close_noted_fd(FdPlace* place) noexcept;

/// Movable; not thread-safe, but one thread may call `get` while others move or reset other
/// objects.
class ChildClosedFd {
 public:
  ChildClosedFd() noexcept = default;
  /// Becomes empty when `fd` is empty (errno stays as it was) or when there is no memory to
  /// register it (ENOMEM).
  ChildClosedFd(UniqueFd fd) noexcept  // NOLINT(google-explicit-constructor): it only adds to it
      : place_(note_fd(fd.release())) {}
  ChildClosedFd(ChildClosedFd&& other) noexcept : place_(std::exchange(other.place_, nullptr)) {}
  ChildClosedFd& operator=(ChildClosedFd&& other) noexcept {
    if (this != &other) {
      reset();
      place_ = std::exchange(other.place_, nullptr);
    }
    return *this;
  }
  ~ChildClosedFd() { reset(); }

  /// Owns the descriptor that `make()` returns, with no fork in between. `make` is one system call
  /// that does not block: open a serial line with O_NONBLOCK. When it fails the object is empty and
  /// errno says why.
  template <class Make>
  static ChildClosedFd made_by(Make&& make) {
    const ForkPause pause;
    return ChildClosedFd(UniqueFd(std::forward<Make>(make)()));
  }

  /// Negative when the object is empty.
  int get() const noexcept { return place_ == nullptr ? -1 : noted_fd(*place_); }
  explicit operator bool() const noexcept { return get() >= 0; }
  void reset() noexcept {
    if (place_ != nullptr) close_noted_fd(std::exchange(place_, nullptr));
  }

 private:
  FdPlace* place_ = nullptr;
};

}  // namespace visa
