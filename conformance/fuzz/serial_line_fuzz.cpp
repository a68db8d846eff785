// SPDX-License-Identifier: MIT
// What a tty delivers: never more comes out than went in, marks stand at their places in order, the
// result does not depend on how the bytes were cut, and escaped data comes out as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "drivers/serial/line_decoder.h"

namespace {

using visa::drivers::serial::LineDecoder;
using visa::drivers::serial::LineMark;

void demand(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  std::vector<std::byte> bytes;
  std::vector<LineMark> marks;
};

Decoded decode(std::vector<std::byte> raw, std::size_t step, bool zero_is_break) {
  Decoded all;
  LineDecoder decoder;
  for (std::size_t at = 0; at < raw.size(); at += step) {
    const auto piece = std::span(raw).subspan(at, std::min(step, raw.size() - at));
    std::vector<LineMark> marks;
    const std::size_t count = decoder.decode(piece, zero_is_break, marks);
    demand(count <= piece.size());
    for (const LineMark& mark : marks) {
      demand(mark.at <= count);
      all.marks.push_back({mark.at + all.bytes.size(), mark.kind});
    }
    all.bytes.insert(all.bytes.end(), piece.begin(),
                     piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

bool same(const Decoded& a, const Decoded& b) {
  return a.bytes == b.bytes &&
         std::equal(a.marks.begin(), a.marks.end(), b.marks.begin(), b.marks.end(),
                    [](const LineMark& one, const LineMark& other) {
                      return one.at == other.at && one.kind == other.kind;
                    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool zero_is_break = (data[0] & 1U) != 0;
  const std::size_t step = 1 + data[0] / 2;
  std::vector<std::byte> raw;
  for (std::size_t i = 1; i < size; ++i) raw.push_back(std::byte{data[i]});
  const Decoded whole = decode(raw, raw.size() + 1, zero_is_break);
  demand(std::is_sorted(whole.marks.begin(), whole.marks.end(),
                        [](const auto& a, const auto& b) { return a.at < b.at; }));
  demand(same(whole, decode(raw, step, zero_is_break)));
  demand(same(whole, decode(raw, 1, zero_is_break)));
  // As the kernel escapes data without errors.
  std::vector<std::byte> escaped;
  for (const std::byte byte : raw) {
    escaped.push_back(byte);
    if (byte == std::byte{0xFF}) escaped.push_back(byte);
  }
  const Decoded back = decode(escaped, step, zero_is_break);
  demand(back.bytes == raw && back.marks.empty());
  return 0;
}
