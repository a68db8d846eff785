// SPDX-License-Identifier: MIT
// Invariant: bytes_ from taken_ on wait for the next read; at most most_ of them.
#include "drivers/vxi11/kept_answer.h"

#include <algorithm>

namespace visa::drivers::vxi11 {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

}  // namespace

std::span<std::byte> KeptAnswer::room(std::size_t wanted) {
  if (empty()) {
    bytes_.clear();
    taken_ = 0;
  }
  const std::size_t held = bytes_.size();
  const std::size_t free = most_ - std::min(most_, held - taken_);
  bytes_.resize(held + std::min({wanted, kPiece, free}));
  return std::span(bytes_).subspan(held);
}

std::size_t KeptAnswer::hand_out(std::span<std::byte> into, const spi::EndRule& rule,
                                 bool& termchar) {
  auto rest = std::span<const std::byte>(bytes_).subspan(taken_);
  rest = rest.first(std::min(rest.size(), into.size()));
  termchar = false;
  if (rule.termchar_enabled) {
    const auto end = std::find(rest.begin(), rest.end(), std::byte{rule.termchar});
    termchar = end != rest.end();
    if (termchar) rest = rest.first(static_cast<std::size_t>(end - rest.begin()) + 1);
  }
  std::copy(rest.begin(), rest.end(), into.begin());
  taken_ += rest.size();
  return rest.size();
}

void KeptAnswer::clear() noexcept {
  std::vector<std::byte>().swap(bytes_);
  taken_ = 0;
  most_ = kMost;
  reason_ = 0;
  flaw_.clear();
}

}  // namespace visa::drivers::vxi11
