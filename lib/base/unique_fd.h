// SPDX-License-Identifier: MIT
// A file descriptor with one owner, never number 0, 1 or 2 (see high_fd.h). Movable; not
// thread-safe.
#pragma once

#include <unistd.h>

#include <utility>

#include "lib/base/cancel_shield.h"
#include "lib/base/high_fd.h"

namespace visa {

class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  /// Takes over `fd`, which was just made; a number below 3 is exchanged for a higher one.
  explicit UniqueFd(int fd) noexcept : fd_(high_fd(fd)) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept {
    if (fd_ < 0) return;
    const CancelShield shield;
    // Not repeated after EINTR: Linux has freed the number by then, and another thread may have it.
    ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

}  // namespace visa
