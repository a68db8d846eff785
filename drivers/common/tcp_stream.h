// SPDX-License-Identifier: MIT
// A connected TCP socket as a byte stream. In the steady state a query is one send and one receive:
// the socket is blocking, its own timeout (kFirstWait, set once) ends the first wait, and only
// after that the stream polls until the deadline. So a cancel is noticed within kFirstWait
// (docs/architecture.md, Deadlines and cancelling). One thread may receive while another sends; any
// thread may call `wake`.
//
// The class is final: an engine that holds a TcpStream itself makes no virtual call per transfer.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "drivers/common/byte_stream.h"
#include "drivers/common/poller.h"
#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"

namespace visa::drivers {

class TcpStream final : public ByteStream {
 public:
  /// How long a transfer waits inside the system before it polls.
  static constexpr std::chrono::milliseconds kFirstWait{20};

  /// Takes over a connected, blocking socket. `peer` names it in details ("192.0.2.1 port 5025").
  TcpStream(ChildClosedFd socket, std::string peer);

  StreamResult receive(std::span<std::byte> into, Call& call) override;
  StreamResult receive_now(std::span<std::byte> into, Call& call) override;
  StreamResult send(std::span<const std::byte> data, Call& call) override;
  StreamResult receive_scattered(std::span<const iovec> pieces, Call& call) override;
  StreamResult send_gathered(std::span<iovec> pieces, Call& call) override;
  void wake() noexcept override;

  const std::string& peer() const noexcept override { return peer_; }
  bool lost() const noexcept override { return lost_.load(std::memory_order_relaxed); }
  /// True once the peer has ended the connection in an orderly way and nothing else had ended it
  /// before; everything the peer sent has been received then.
  bool closed_by_peer() const noexcept { return closed_by_peer_.load(std::memory_order_relaxed); }

  /// Shutdown, then close: the shutdown reaches the peer even where a child of fork has a copy.
  void close() noexcept override;

  /// TCP_NODELAY and SO_KEEPALIVE.
  Status set_nodelay(bool on, Call& call);
  Status set_keepalive(bool on, Call& call);

  int fd() const noexcept { return socket_.get(); }

 private:
  template <class Take>
  StreamResult wait_and_take(Take&& take, Call& call);
  /// What the errno of a failed send means. Success: try again; `waited` then says whether the
  /// socket is known to be ready.
  Status after_send(int error, bool& waited, Call& call);
  Status fail(int error, Call& call);
  Status end_of_stream(Call& call);
  Status lose(Status status, std::string_view cause, std::string_view advice, Call& call);

  ChildClosedFd socket_;
  std::string peer_;
  Poller readable_;
  Poller writable_;
  std::atomic<bool> lost_{false};
  std::atomic<bool> closed_by_peer_{false};
};

/// Gives a socket the timeouts that TcpStream relies on. False when the system refuses.
bool prepare_stream_socket(int fd) noexcept;

}  // namespace visa::drivers
