// SPDX-License-Identifier: MIT
// A TCP connection to an RPC server, with one call at a time. It stays in step: after a call that
// returned early (deadline, cancel) its reply is still owed, and is read to its end before the next
// call is answered. If a thread is ended by force in the middle of a transfer, the connection is
// given up. Owned by one object; one thread at a time, `wake` from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/rpc_message.h"
#include "drivers/common/rpc_records.h"
#include "drivers/common/tcp_stream.h"
#include "lib/base/call.h"
#include "lib/base/unique_fd.h"

namespace visa::drivers {

/// A call under construction, on the stack. Has room for eight words and one string of 256 bytes.
class RpcRequest {
 public:
  explicit RpcRequest(const RpcProcedure& procedure) noexcept
      : writer_(std::span(room_).subspan(kXdrWord)) {
    put_rpc_call(writer_, 0, procedure);
  }
  RpcRequest(const RpcRequest&) = delete;
  RpcRequest& operator=(const RpcRequest&) = delete;

  /// Appends the arguments of the call.
  XdrWriter& arguments() noexcept { return writer_; }

  bool good() const noexcept { return writer_.good(); }

 private:
  friend class RpcConnection;

  std::array<std::byte, kXdrWord + kRpcCallHeader + 8 * kXdrWord + kXdrWord + 256> room_;
  XdrWriter writer_;
};

class RpcConnection {
 public:
  /// Takes over a connected, blocking socket. `peer` names it in details.
  RpcConnection(ChildClosedFd socket, std::string peer)
      : stream_(std::move(socket), std::move(peer)), records_(stream_), xid_(random_xid()) {}

  /// Sends a call in one system call; `bulk` is the data of an opaque<> whose length is the last
  /// argument. The reply to an earlier call can no longer be received afterwards: finish() it
  /// first. If the deadline or a cancel ends the send in the middle, the rest is kept and the next
  /// `receive` sends it.
  Status send(RpcRequest& request, std::span<const std::byte> bulk, Call& call);

  /// RpcRecords::reply for the call just sent; may be repeated after a failure.
  RpcReply receive(std::size_t results, std::span<std::byte> room, Call& call);

  /// As RpcRecords::take and take_some.
  StreamResult take(std::span<std::byte> into, Call& call);
  StreamResult take_some(std::span<std::byte> into, Call& call);

  /// The caller needs no more of the reply: no reply is owed any more.
  void finish();

  /// A call was sent, at least in part, and its reply is not finished.
  bool reply_owed() const noexcept { return reply_owed_; }

  /// Only part of a call was sent; nothing else may be sent before its rest.
  bool sends_rest() const noexcept { return !unsent_.empty(); }

  /// The connection cannot be used any more.
  bool lost() const noexcept { return torn_ || stream_.lost(); }

  /// Given up although the TCP connection still exists: another one to the same peer may help.
  bool torn() const noexcept { return torn_ && !stream_.lost(); }

  /// Gives the connection up: every later operation returns error_conn_lost.
  void give_up() noexcept { torn_ = true; }

  void wake() noexcept { stream_.wake(); }
  void close() noexcept { stream_.close(); }
  TcpStream& stream() noexcept { return stream_; }
  const TcpStream& stream() const noexcept { return stream_; }

 private:
  class Inside;

  Status refuse(Call& call) const;
  void keep_unsent(std::span<const std::span<const std::byte>> parts, std::size_t sent);

  TcpStream stream_;
  RpcRecords records_;
  std::uint32_t xid_;
  bool reply_owed_ = false;
  bool torn_ = false;  // it is unknown how much was sent or received
  std::vector<std::byte> unsent_;
};

}  // namespace visa::drivers
