// SPDX-License-Identifier: MIT
// Where the trace goes: a file, a FIFO, a terminal, or what the program's standard error was when
// the trace began. Writing raises no signal and waits for a slow reader no longer than the caller
// says. Any thread; usable in a child of fork.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace visa {

class TraceTarget {
 public:
  /// `target` is a path or "stderr". Returns an empty object (false) when the path cannot be
  /// opened, or when descriptor 2 is closed or cannot be what the user sees as standard error.
  ///
  /// The standard error is duplicated, because the program may close descriptor 2 later, and the
  /// number may then mean an open data file or a connection of the program.
  static TraceTarget open(std::string_view target);

  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

  /// Writes as much as it can within `patience` and returns the number of bytes written. When some
  /// are left, errno says why: EAGAIN when the reader is too slow, EBADF when the program has
  /// closed the trace's descriptor.
  std::size_t write(std::string_view text, std::chrono::milliseconds patience) const noexcept;

 private:
  enum class Way : unsigned char {
    direct,  // a plain file, or an open file description of its own that does not block
    polled,  // a pipe or terminal shared with the program, which may block
    socket,
  };

  TraceTarget() noexcept = default;
  TraceTarget(UniqueFd fd, Way way);
  static TraceTarget standard_error();
  static TraceTarget file(const char* path);
  bool still_ours() const noexcept;
  ssize_t attempt(std::string_view text) const noexcept;

  UniqueFd fd_;
  Way way_ = Way::direct;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace visa
