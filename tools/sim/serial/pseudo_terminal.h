// SPDX-License-Identifier: MIT
// A pseudo-terminal whose slave plays a serial port, under a link that keeps its name when the
// terminal is made anew. A pseudo-terminal has no modem lines, no breaks, and always 8 bits without
// parity. On the bench's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "tools/sim/base/file_descriptor.h"

namespace visa::sim {

class PseudoTerminal {
 public:
  /// Makes the terminal and the link `path` to it. Throws std::system_error, whose text names the
  /// path.
  explicit PseudoTerminal(std::string path);
  ~PseudoTerminal();
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  /// The instrument's side. Reads EIO while no program has the port open.
  int fd() const noexcept { return master_.get(); }
  /// The link.
  const std::string& path() const noexcept { return path_; }
  /// What it leads to now, "/dev/pts/3".
  const std::string& node() const noexcept { return node_; }

  /// A program has the port open.
  bool connected() const noexcept;
  /// Drops what was sent and that no program has read.
  void forget_unread() const noexcept;
  /// How long a byte takes at the settings that the program has made.
  std::chrono::nanoseconds byte_time() const noexcept;

  /// As when the converter is pulled out and plugged in again: programs that have the port open
  /// lose it, and the link leads to a new one. Throws as the constructor does.
  void replug();

 private:
  void open();

  std::string path_;
  std::string node_;
  FileDescriptor master_;
};

}  // namespace visa::sim
