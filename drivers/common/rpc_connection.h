// SPDX-License-Identifier: MIT
// A TCP connection to an RPC server that carries one call at a time. Keeps in step whatever
// happens: a call that was left (deadline, cancel) still owes its reply, which is read through
// before another call goes out. A thread ended by force in the middle of a transfer loses the
// connection. Owned by one user; one thread at a time, `wake` from any.
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

/// A call being put together, on the stack. Room for one string of 256 bytes and eight words.
class RpcRequest {
 public:
  explicit RpcRequest(const RpcProcedure& procedure) noexcept
      : writer_(std::span(room_).subspan(kXdrWord)) {
    put_rpc_call(writer_, 0, procedure);
  }
  RpcRequest(const RpcRequest&) = delete;
  RpcRequest& operator=(const RpcRequest&) = delete;

  /// Where the arguments go.
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

  /// Sends a call in one system call; `bulk` is the data of an opaque<> whose length was the last
  /// argument. Replies
  /// to earlier calls no longer count: finish() them first. Where the deadline or a cancel came in
  /// the middle, the rest is kept and leaves with the next `receive`.
  Status send(RpcRequest& request, std::span<const std::byte> bulk, Call& call);

  /// RpcRecords::reply for the call in flight; may be repeated after a failure.
  RpcReply receive(std::size_t results, std::span<std::byte> room, Call& call);

  /// RpcRecords::take and take_some.
  Moved take(std::span<std::byte> into, Call& call);
  Moved take_some(std::span<std::byte> into, Call& call);

  /// The reply is dealt with: nothing is owed any more.
  void finish();

  /// A call was sent whose reply is not dealt with.
  bool owes() const noexcept { return owes_; }

  /// The rest of a call is still to leave: nothing else may.
  bool sends_rest() const noexcept { return !unsent_.empty(); }

  /// The connection is of no use any more.
  bool lost() const noexcept { return torn_ || stream_.lost(); }

  /// Given up, although the connection itself stands: another one to the same peer may help.
  bool torn() const noexcept { return torn_ && !stream_.lost(); }

  /// Gives it up: whatever is tried afterwards answers error_conn_lost.
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
  bool owes_ = false;
  bool torn_ = false;  // nobody knows how much went out or came in
  std::vector<std::byte> unsent_;
};

}  // namespace visa::drivers
