// SPDX-License-Identifier: MIT
// What a tty delivers with PARMRK: FF FF is the byte FF, FF 00 x a byte x that arrived damaged
// (parity or framing), FF 00 00 a break. A sequence may be cut anywhere between two reads. Pure;
// one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace visa::drivers::serial {

/// What happened at a place of the received bytes. `damaged`: to the byte at `at`. The others:
/// before that byte.
struct LineMark {
  enum class Kind : std::uint8_t { damaged, parity, framing, overrun, line_break };
  std::uint64_t at = 0;
  Kind kind = Kind::damaged;
};

class LineDecoder {
 public:
  /// Decodes `raw` in place and returns how many bytes of it are left. Appends to `marks`, whose
  /// places count from the first byte of `raw`. `zero_is_break`: FF 00 00 is a break; otherwise a
  /// damaged zero, as the counters of the port say.
  std::size_t decode(std::span<std::byte> raw, bool zero_is_break, std::vector<LineMark>& marks);

  /// False inside a sequence: the next byte is not what it seems.
  bool idle() const noexcept { return state_ == State::plain; }

 private:
  enum class State : std::uint8_t { plain, escaped, marked };
  State state_ = State::plain;
};

}  // namespace visa::drivers::serial
