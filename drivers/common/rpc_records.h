// SPDX-License-Identifier: MIT
// The replies that come in on an RPC connection: fragments put together, replies to other calls
// passed over, opaque data received straight into the memory of the caller. In the steady state a
// reply is one system call. Everything can be left at a deadline and taken up again: no byte is
// ever lost, so the connection stays in step. Owned by an RpcConnection; one thread at a time.
//
// Tolerated, because instruments do it: fragments of any size, empty ones too; the last-fragment
// bit never set (the next reply is then known by its xid); results without padding or with more
// than there should be; bytes behind the results.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "drivers/common/rpc_message.h"
#include "drivers/common/tcp_stream.h"

namespace visa::drivers {

/// A reply as far as it was asked for. `results` points into the reader and holds until the next
/// call of any of its methods; it is shorter than asked for where the record ended before.
struct RpcReply {
  Status status = Status::success;
  RpcOutcome outcome = RpcOutcome::malformed;
  std::span<const std::byte> results;
};

class RpcRecords {
 public:
  /// The most bytes of results that `reply` can read.
  static constexpr std::size_t kMostResults = 4 * kXdrWord;

  explicit RpcRecords(TcpStream& stream) noexcept : stream_(stream) {}
  RpcRecords(const RpcRecords&) = delete;
  RpcRecords& operator=(const RpcRecords&) = delete;

  /// Waits for the reply to `xid` and reads the first `results` bytes behind its header. What comes
  /// with them may already land in `room`, where `take` is going to put it. A failed status leaves
  /// everything as it is for the next try.
  RpcReply reply(std::uint32_t xid, std::size_t results, std::span<std::byte> room, Call& call);

  /// The bytes of the reply behind its results, in order. The first `take` behind `reply` puts them
  /// where `room` began. Fewer than asked for with success: the record has no more.
  Moved take(std::span<std::byte> into, Call& call);

  /// The same, but returns with what has arrived as soon as there is some.
  Moved take_some(std::span<std::byte> into, Call& call);

  /// The reply is done with; what is left of its record is passed over.
  void finish();

 private:
  static constexpr std::size_t kAhead = 256;
  static constexpr std::size_t kMark = kXdrWord;
  static constexpr std::size_t kMostHead = kRpcReplyHeader + kMostAuthBytes + kMostResults;

  std::size_t ahead() const noexcept { return end_ - begin_; }
  bool quick(std::uint32_t xid, std::size_t results, std::span<std::byte> room, Status& status,
             Call& call);
  Moved take_until(std::size_t enough, std::span<std::byte> into, Call& call);
  Moved receive(std::span<std::byte> into, Call& call);
  Status need(std::size_t count, Call& call);
  Status next_fragment(std::uint32_t xid, Call& call);
  Status skip(Call& call);
  void put_back(std::span<const std::byte> bytes);
  void land(std::size_t used);
  std::size_t header_size() const noexcept;
  RpcReply decode(std::size_t header) const noexcept;

  TcpStream& stream_;
  std::vector<std::byte> ahead_;  // received and not consumed: [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t fragment_left_ = 0;
  bool last_fragment_ = true;
  bool in_record_ = false;  // one has begun whose end is not consumed
  bool passing_ = false;    // nobody wants the rest of it
  bool complete_ = false;   // head_ holds all that was asked for
  std::array<std::byte, kMostHead> head_;
  std::size_t head_size_ = 0;
  std::span<std::byte> landed_;  // behind the results, in the room of the caller
};

}  // namespace visa::drivers
