// SPDX-License-Identifier: MIT
// A connection that carries bytes without message boundaries: TCP, TLS over TCP, a tty or a
// Prologix link later. Protocol engines and BufferedReader use this interface, so that one protocol
// runs over any of them. Owned by one channel. One thread may receive while another sends; any
// thread may call `wake` until the stream is destroyed.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string>

#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers {

/// How a receive or send ended. `count` bytes were transferred, whatever the status is.
struct StreamResult {
  Status status = Status::success;
  std::size_t count = 0;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Waits until the deadline of `call` for the first byte, then takes all that has arrived, at
  /// most the size of `into`, which is not empty. A count below that size means that nothing more
  /// had arrived at that moment. error_tmo, error_abort, or error_conn_lost after everything that
  /// had arrived was taken.
  virtual StreamResult receive(std::span<std::byte> into, Call& call) = 0;

  /// Takes what has arrived, without waiting; success with a count of 0 if that is nothing.
  virtual StreamResult receive_now(std::span<std::byte> into, Call& call) = 0;

  /// Sends all of `data`; after a failure `count` says how much the system had accepted.
  virtual StreamResult send(std::span<const std::byte> data, Call& call) = 0;

  /// Like receive, into several pieces, each filled before the next; in one system call where the
  /// stream can do that.
  virtual StreamResult receive_scattered(std::span<const iovec> pieces, Call& call);

  /// Like send, of several pieces in their order. Changes `pieces` as it proceeds.
  virtual StreamResult send_gathered(std::span<iovec> pieces, Call& call);

  /// True while bytes that `send` has counted as sent still wait for the peer to take more: the
  /// next send, be it an empty one, sends them first. By the sending thread.
  virtual bool holds_unsent() const noexcept { return false; }

  /// Makes a waiting receive and send look at their cancel tokens. Never blocks; has no effect on
  /// a transfer that starts later.
  virtual void wake() noexcept = 0;

  /// The other end, for texts to the user ("192.0.2.1 port 5025", "/dev/ttyS0"). Constant.
  virtual const std::string& peer() const noexcept = 0;

  /// True once the connection is known to be gone; it never comes back. Any thread.
  virtual bool lost() const noexcept = 0;

  /// Ends the connection in an orderly way, also where a child of fork still has a copy of the
  /// descriptor. No transfer may be in progress; a `wake` may. A second call does nothing.
  virtual void close() noexcept = 0;
};

}  // namespace visa::drivers
