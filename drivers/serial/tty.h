// SPDX-License-Identifier: MIT
// An open device node: the descriptor, its name for texts, and whether the port is still there. The
// parts of a SerialPort share one. Any thread; `fd` is constant while the port is open.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/result.h"

namespace visa::drivers::serial {

class Tty {
 public:
  Tty(ChildClosedFd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Tty(const Tty&) = delete;
  Tty& operator=(const Tty&) = delete;

  int fd() const noexcept { return fd_.get(); }
  const std::string& path() const noexcept { return path_; }
  /// True once the port is known to be gone (a converter was pulled out); it never comes back.
  bool lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
  /// Asks the system, without waiting.
  bool connected() noexcept;

  /// The status of a failed system call, with its text. error_conn_lost when the port is gone.
  Status fail(int error, Call& call);
  /// The system said "end of file": the port is gone.
  Status hung_up(Call& call);
  /// `status` with a text that begins with the name of the port.
  Status refuse(Status status, std::string_view text, Call& call) const;

  void close() noexcept { fd_.reset(); }

 private:
  ChildClosedFd fd_;
  const std::string path_;
  std::atomic<bool> lost_{false};
};

/// Opens the node of a port for this process alone, as viOpen reports failures: error_rsrc_nfound,
/// error_npermission, error_rsrc_busy with the process that has it, error_alloc. The lock ends with
/// this process, however it ends. Nothing of the line is changed yet.
Result<ChildClosedFd> open_exclusively(const std::string& path, Call& call);

/// Has neither a line nor a chip.
bool is_pseudo_terminal(int fd) noexcept;

/// The last thing before the descriptor is closed: lets other programs open the node again where
/// that does not come with the close.
void end_exclusive_use(int fd) noexcept;

}  // namespace visa::drivers::serial
