// SPDX-License-Identifier: MIT
// Divides a byte stream into reads: by count, by termination character, by a pause. Bytes received
// after a termination character are kept for the next read. Bytes go from the wire directly into
// the caller's memory, so at most one piece (kPiece) is kept, and usually nothing. Owned by a
// channel; used by one thread at a time (the one that has the read lane).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "drivers/common/byte_stream.h"
#include "lib/base/call.h"
#include "lib/spi/transfer_rules.h"

namespace visa::drivers {

class BufferedReader {
 public:
  /// The most that one receive takes while the read searches for a termination character, and so
  /// the bound of what is kept. A read begins with kFirstPiece and doubles it until a termination
  /// character arrives: after a short line little has to be kept, and a long answer is received in
  /// few pieces. After each piece the sender may continue, and where both share a processor it
  /// interrupts the reader: that costs more than searching memory that has left the fastest cache
  /// (client CPU for 64 MB compared with a bare receive: 1.12 to 1.48 in pieces of 256 KiB, 1.06 to
  /// 1.17 in these).
  static constexpr std::size_t kPiece = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kFirstPiece = std::size_t{256} * 1024;

  explicit BufferedReader(ByteStream& stream) noexcept : stream_(stream) {}
  BufferedReader(const BufferedReader&) = delete;
  BufferedReader& operator=(const BufferedReader&) = delete;

  /// Channel::read on a byte stream. If `rule.suppress_end` is false, a pause after the first byte
  /// ends the read. The first reason to end counts: after a termination character or a full buffer
  /// the reader does not wait for a pause. Ignores `rule.last_bit`, which only serial lines have.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);

  /// Drops the kept bytes and those that have arrived, without waiting. error_tmo: the peer never
  /// stopped sending until the deadline. error_conn_lost: the stream has ended.
  Status discard(Call& call);

  /// Like discard, then waits until the stream has been silent for 20 ms (not with an immediate
  /// deadline): the answer to a message just sent may still be on its way, and the next read would
  /// take it for the answer to the next message.
  Status discard_until_quiet(Call& call);

  /// How many bytes are kept.
  std::size_t kept() const noexcept { return end_ - begin_; }

  /// How much memory is allocated for them.
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  StreamResult next_piece(std::span<std::byte> room, bool may_wait, Call& call);
  Status discard(Deadline last, Call& call);
  bool keep(std::span<const std::byte> surplus);
  void drop_kept() noexcept;

  ByteStream& stream_;
  std::unique_ptr<std::byte[]> kept_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
  bool broken_ = false;  // bytes were lost for lack of memory: the rest of the answer is useless
};

}  // namespace visa::drivers
