// SPDX-License-Identifier: MIT
// Each byte that comes out took at least one byte in, so decoding in place never overtakes itself.
// The kernel writes FF or 00 after FF and nothing else; any other byte is taken as data.
#include "drivers/serial/line_decoder.h"

namespace visa::drivers::serial {
namespace {

constexpr std::byte kMark{0xFF};
constexpr std::byte kZero{0x00};

}  // namespace

std::size_t LineDecoder::decode(std::span<std::byte> raw, bool zero_is_break,
                                std::vector<LineMark>& marks) {
  std::size_t out = 0;
  for (const std::byte byte : raw) {
    switch (state_) {
      case State::plain:
        if (byte == kMark) {
          state_ = State::escaped;
        } else {
          raw[out++] = byte;
        }
        break;
      case State::escaped:
        state_ = byte == kZero ? State::marked : State::plain;
        if (byte != kZero) raw[out++] = byte;
        break;
      case State::marked:
        state_ = State::plain;
        if (byte == kZero && zero_is_break) {
          marks.push_back({out, LineMark::Kind::line_break});
        } else {
          marks.push_back({out, LineMark::Kind::damaged});
          raw[out++] = byte;
        }
        break;
    }
  }
  return out;
}

}  // namespace visa::drivers::serial
