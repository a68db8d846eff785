// SPDX-License-Identifier: MIT
// The place the trace goes to: a file, a FIFO, a terminal, or what the program's standard error was
// when the trace began. Writing raises no signal and waits for a slow reader only as long as it is
// told. Any thread; usable in a child of fork.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string_view>

#include "lib/base/unique_fd.h"

namespace visa {

class TraceTarget {
 public:
  /// `target` is a path or "stderr". An empty one (false) where it cannot be opened, or where
  /// descriptor 2 is closed or cannot be what the user sees as standard error.
  ///
  /// The standard error is duplicated: descriptor 2 may be closed later and be anything then, an
  /// open data file or a connection of the program.
  static TraceTarget open(std::string_view target);

  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

  /// Writes what goes out within `patience`; returns how many bytes that is. errno says why it is
  /// not all of them: EAGAIN where nobody reads, EBADF where the program has closed our descriptor.
  std::size_t write(std::string_view text, std::chrono::milliseconds patience) const noexcept;

 private:
  enum class Way : unsigned char {
    direct,  // nothing to wait for, or a description of our own that does not block
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
