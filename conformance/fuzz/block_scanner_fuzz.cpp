// SPDX-License-Identifier: MIT
// Answers of any content: where blocks are does not depend on the pieces an answer comes in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "lib/core/message_channel.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using visa::core::BlockScanner;
  if (size < 2) return 0;
  const std::size_t piece = data[0] + std::size_t{1};
  const auto answer = std::as_bytes(std::span(data + 1, size - 1));
  BlockScanner by_pieces;
  BlockScanner by_bytes;
  for (std::size_t at = 0; at < answer.size(); at += piece) {
    const auto part = answer.subspan(at, std::min(piece, answer.size() - at));
    const bool outside = by_pieces.pass(part);
    bool byte_outside = false;
    for (const auto& byte : part) {
      const auto before = by_bytes.left();
      byte_outside = by_bytes.pass(std::span(&byte, 1));
      demand(byte_outside == (before == 0));
      demand(before == 0 || by_bytes.left() == before - 1);
    }
    demand(outside == byte_outside && by_pieces.left() == by_bytes.left());
    demand(by_pieces.left() < 1'000'000'000);
  }
  return 0;
}
