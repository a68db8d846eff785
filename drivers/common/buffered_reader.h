// SPDX-License-Identifier: MIT
// Cuts a byte stream into reads: by count, by termination character, by a pause. Bytes that came
// behind a termination character are kept for the next read. Bytes go from the wire straight into
// the caller's memory, so what is kept is at most one piece (kPiece) and mostly nothing at all.
// Owned by a channel; used by one thread at a time (the one inside the read gate).
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
  /// The most that is received at once while a termination character is looked for, and so the
  /// bound of what may have to be kept. A read begins with kFirstPiece and doubles it as long as no
  /// termination character comes: lines leave little to keep, and a long answer is received in few
  /// pieces. After each piece the sender may go on, and where both share a processor it
  /// interrupts the reader: that costs more than to search in memory that has left the fastest
  /// cache (client CPU for 64 MB against a bare receive: 1.12 to 1.48 in pieces of 256 KiB, 1.06 to
  /// 1.17 in these).
  static constexpr std::size_t kPiece = std::size_t{4} * 1024 * 1024;
  static constexpr std::size_t kFirstPiece = std::size_t{256} * 1024;

  explicit BufferedReader(ByteStream& stream) noexcept : stream_(stream) {}
  BufferedReader(const BufferedReader&) = delete;
  BufferedReader& operator=(const BufferedReader&) = delete;

  /// Channel::read on a byte stream. `rule.suppress_end` false: a pause behind the first byte ends
  /// the read. What ends the read first counts; a pause is not waited for behind a termination
  /// character or a full buffer. `rule.last_bit` is a matter of serial lines and not looked at.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);

  /// Drops what was kept and what the stream holds now, without waiting. A peer that never stops
  /// sending is given up at the deadline: error_tmo. error_conn_lost when the end was reached.
  Status discard(Call& call);

  /// Like discard, and then waits until the stream has been silent for 20 ms (not with an immediate
  /// deadline): the answer to a message just sent is still on its way, and would be taken for the
  /// answer to the next one.
  Status discard_until_quiet(Call& call);

  /// How many bytes are kept.
  std::size_t kept() const noexcept { return end_ - begin_; }

  /// How much memory is held for them.
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  Moved next_piece(std::span<std::byte> room, bool may_wait, Call& call);
  Status discard(Deadline last, Call& call);
  bool keep(std::span<const std::byte> surplus);
  void drop_kept() noexcept;

  ByteStream& stream_;
  std::unique_ptr<std::byte[]> kept_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t capacity_ = 0;
  bool broken_ = false;  // bytes were lost for want of memory: what follows belongs to nothing
};

}  // namespace visa::drivers
