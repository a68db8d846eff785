// SPDX-License-Identifier: MIT
// Receives the replies on an RPC connection: joins fragments, skips replies to other calls, and
// receives opaque data directly into the caller's memory. In the steady state a reply costs one
// system call. Every operation may end at a deadline and be continued later: no byte is lost, so
// the connection stays in step. Owned by an RpcConnection; one thread at a time.
//
// Tolerated, because instruments do it: fragments of any size, also empty ones; a last-fragment bit
// that is never set (the next reply is then recognised by its xid); results without padding or with
// too much of it; bytes after the results.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "drivers/common/rpc_message.h"
#include "drivers/common/tcp_stream.h"

namespace visa::drivers {

/// The part of a reply that was asked for. `results` points into the RpcRecords and is valid until
/// the next call of any of its methods; it is shorter than asked for if the record ended early.
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

  /// Waits for the reply to `xid` and reads the first `results` bytes after its header. Bytes that
  /// arrive together with them may be stored in `room` at once, where `take` would put them. After
  /// a failure the same call may be made again.
  RpcReply reply(std::uint32_t xid, std::size_t results, std::span<std::byte> room, Call& call);

  /// Takes the bytes of the reply after its results, in order. `into` of the first `take` after
  /// `reply` must begin where `room` began. Success with fewer bytes than asked for: the record has
  /// no more.
  StreamResult take(std::span<std::byte> into, Call& call);

  /// Like take, but returns as soon as at least one byte has arrived.
  StreamResult take_some(std::span<std::byte> into, Call& call);

  /// The caller needs no more of the reply; the rest of its record will be skipped.
  void finish();

 private:
  static constexpr std::size_t kAhead = 256;
  static constexpr std::size_t kMark = kXdrWord;
  static constexpr std::size_t kMostHead = kRpcReplyHeader + kMostAuthBytes + kMostResults;

  std::size_t ahead() const noexcept { return end_ - begin_; }
  bool receive_ordinary(std::uint32_t xid, std::size_t results, std::span<std::byte> room,
                        Status& status, Call& call);
  StreamResult take_until(std::size_t enough, std::span<std::byte> into, Call& call);
  StreamResult receive(std::span<std::byte> into, Call& call);
  Status need(std::size_t count, Call& call);
  Status next_fragment(std::uint32_t xid, Call& call);
  Status skip(Call& call);
  void put_back(std::span<const std::byte> bytes);
  void consume_room(std::size_t used);
  std::size_t header_size() const noexcept;
  RpcReply decode(std::size_t header) const noexcept;

  TcpStream& stream_;
  std::vector<std::byte> ahead_;  // received and not consumed: [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint32_t fragment_left_ = 0;
  bool last_fragment_ = true;
  bool in_record_ = false;  // a record has begun and its end is not consumed
  bool skipping_ = false;   // the rest of the record is not needed
  bool complete_ = false;   // head_ holds all that was asked for
  std::array<std::byte, kMostHead> head_;
  std::size_t head_size_ = 0;
  std::span<std::byte> in_room_;  // received after the results, in the caller's `room`
};

}  // namespace visa::drivers
