// SPDX-License-Identifier: MIT
// A descriptor that a child of fork does not keep: a connection whose copy in a worker would hold
// the instrument's lock and its only session after the parent's death. The child closes it before
// fork returns there, by close(2) alone: what it shares with its parent (the connection, the lock)
// is not touched. The object is empty in the child from then on, so that no destructor closes a
// stranger's descriptor of the same number. Noting a descriptor costs memory, no system call.
#pragma once

#include <atomic>
#include <utility>

#include "lib/base/fork_stamp.h"
#include "lib/base/fork_table.h"
#include "lib/base/unique_fd.h"

namespace visa {

/// Where a descriptor stands. For owners that share it between threads; everybody else takes a
/// ChildClosedFd.
using FdPlace = ForkTable<int>::Place;
/// The descriptor; below 0 once a child of fork has closed it.
inline int noted_fd(const FdPlace& place) noexcept {
  return place.load(std::memory_order_relaxed) - 1;
}

/// Takes `fd` over. Null, with `fd` closed and ENOMEM in errno, where there is no memory; null with
/// errno as it was for a negative `fd`. Call it inside the ForkPause in which `fd` was made.
FdPlace* note_fd(int fd) noexcept;
/// Closes what stands there and gives the place back.
void close_noted_fd(FdPlace* place) noexcept;

/// Movable; not thread-safe, but `get` may be called beside the moves and resets of other objects.
class ChildClosedFd {
 public:
  ChildClosedFd() noexcept = default;
  /// Empty, with errno set, where `fd` is or where there is no memory to note it.
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

  /// What `make()` (one system call) returns, with no fork in between. Failed as socket(2) is: the
  /// object is empty and errno says why.
  template <class Make>
  static ChildClosedFd made_by(Make&& make) {
    const ForkPause pause;
    return ChildClosedFd(UniqueFd(std::forward<Make>(make)()));
  }

  /// Below 0 where there is none.
  int get() const noexcept { return place_ == nullptr ? -1 : noted_fd(*place_); }
  explicit operator bool() const noexcept { return get() >= 0; }
  void reset() noexcept {
    if (place_ != nullptr) close_noted_fd(std::exchange(place_, nullptr));
  }

 private:
  FdPlace* place_ = nullptr;
};

}  // namespace visa
