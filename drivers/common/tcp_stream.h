// SPDX-License-Identifier: MIT
// A connected TCP socket as a byte stream. In the steady state a query is one send and one receive:
// the socket is blocking, its own timeout (kFirstWait, set once) ends the first wait, and only then
// the stream polls to the deadline (architecture section 3). A cancel is noticed within kFirstWait.
// One thread receives and one sends, at the same time if they like; `wake` from any thread.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

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

  Moved receive(std::span<std::byte> into, Call& call) override;
  Moved receive_now(std::span<std::byte> into, Call& call) override;
  Moved send(std::span<const std::byte> data, Call& call) override;
  void wake() noexcept override;

  /// Like receive, into several pieces one behind the other, in one system call where that is
  /// enough.
  Moved receive_scattered(std::span<const iovec> pieces, Call& call);
  /// Like send, of several pieces one behind the other. Changes `pieces` as it goes.
  Moved send_gathered(std::span<iovec> pieces, Call& call);

  /// True once the connection is known to be gone; it never comes back.
  bool lost() const noexcept { return lost_.load(std::memory_order_relaxed); }
  /// True once the peer has ended the connection in an orderly way and nothing else ended it
  /// before; all it sent was received then.
  bool closed_by_peer() const noexcept { return closed_by_peer_.load(std::memory_order_relaxed); }

  /// Ends the connection in an orderly way (shutdown, then close), also where a child of fork still
  /// has a copy of the descriptor. No transfer may be in progress; a wake-up may.
  void close() noexcept;

  /// TCP_NODELAY and SO_KEEPALIVE.
  Status set_nodelay(bool on, Call& call);
  Status set_keepalive(bool on, Call& call);

  const std::string& peer() const noexcept { return peer_; }
  int fd() const noexcept { return socket_.get(); }

 private:
  template <class Take>
  Moved wait_and_take(Take&& take, Call& call);
  /// What a failed transfer means; success where it is to be tried again, `waited` then says
  /// whether the socket is ready.
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

/// Gives a socket the timeouts that TcpStream counts on. False when the system refuses.
bool prepare_stream_socket(int fd) noexcept;

}  // namespace visa::drivers
