// SPDX-License-Identifier: MIT
// A serial line as a byte stream, for an adapter that speaks a protocol of its own over it: 8 data
// bits, no parity, 1 stop bit, no flow control, every byte as it is. The line is this process's
// alone. DTR and RTS stay as they are at the close, so that a board that resets by DTR does so at
// its first open alone. (A serial instrument, ASRL, has a driver with all settings:
// drivers/serial.) Threads as ByteStream says.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "drivers/common/byte_stream.h"
#include "drivers/common/poller.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/result.h"

namespace visa::drivers {

class TtyStream final : public ByteStream {
 public:
  /// Statuses are those of viOpen: error_rsrc_nfound, error_npermission, error_rsrc_busy,
  /// error_inv_setup where the port cannot have that baud rate, error_alloc.
  static Result<std::unique_ptr<TtyStream>> open(const std::string& path, std::uint32_t baud,
                                                 Call& call);

  TtyStream(ChildClosedFd fd, std::string path);

  StreamResult receive(std::span<std::byte> into, Call& call) override;
  StreamResult receive_now(std::span<std::byte> into, Call& call) override;
  StreamResult send(std::span<const std::byte> data, Call& call) override;
  void wake() noexcept override;
  const std::string& peer() const noexcept override { return path_; }
  bool lost() const noexcept override { return lost_.load(std::memory_order_relaxed); }
  void close() noexcept override;

  int fd() const noexcept { return fd_.get(); }

 private:
  Status fail(int error, Call& call);

  ChildClosedFd fd_;
  const std::string path_;
  Poller readable_;
  Poller writable_;
  std::atomic<bool> lost_{false};
};

}  // namespace visa::drivers
