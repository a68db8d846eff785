// SPDX-License-Identifier: MIT
// A pipe of bytes without message ends: TCP now, a tty later. Protocol engines and BufferedReader
// stand on it, so that the same protocol runs over any wire. Owned by one channel. One thread may
// receive while another sends; `wake` may be called from any thread until the stream is destroyed.
#pragma once

#include <cstddef>
#include <span>

#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers {

/// `count` bytes were moved whatever the status is.
struct Moved {
  Status status = Status::success;
  std::size_t count = 0;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Waits for the first byte until the deadline of `call` and takes what is there by then, at most
  /// the size of `into`, which is not empty. A count below that size means that the wire had no
  /// more at that moment. error_tmo, error_abort, or error_conn_lost once everything received was
  /// taken.
  virtual Moved receive(std::span<std::byte> into, Call& call) = 0;

  /// Takes what is there without waiting; success with a count of 0 where there is nothing.
  virtual Moved receive_now(std::span<std::byte> into, Call& call) = 0;

  /// Sends all of `data`; on failure `count` says how much the system had taken.
  virtual Moved send(std::span<const std::byte> data, Call& call) = 0;

  /// Makes a waiting receive and send look at their cancel tokens. Never blocks; without effect on
  /// anything that starts later.
  virtual void wake() noexcept = 0;
};

}  // namespace visa::drivers
