// SPDX-License-Identifier: MIT
// A machine whose one device is /dev/gpib0, as programs under umockdev's preload library see it: a
// folder with its own /sys and /dev. Programs started with environment() see no other devices.
//
// Owned by a GpibServer; on the bench's thread only.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/gpib/kernel_board.h"
#include "tools/sim/usb/preload_client.h"

namespace visa::sim {

class KernelMachine {
 public:
  /// The folder is in that of temporary files. Throws std::system_error.
  KernelMachine(EventLoop& loop, KernelBoard& board);
  ~KernelMachine();
  KernelMachine(const KernelMachine&) = delete;
  KernelMachine& operator=(const KernelMachine&) = delete;

  /// What a program needs in its environment, "NAME=value".
  std::vector<std::string> environment() const;
  /// How often the board is open.
  std::size_t files() const noexcept { return files_.size(); }

 private:
  class BoardFile;
  class OtherFile;

  EventLoop& loop_;
  KernelBoard& board_;
  std::string folder_;
  std::list<std::unique_ptr<PreloadClient>> files_;
  std::list<std::unique_ptr<PreloadClient>> others_;  // files that are not the board
  std::unique_ptr<PreloadListener> node_;
  std::unique_ptr<PreloadListener> default_;
};

}  // namespace visa::sim
