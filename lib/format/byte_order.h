// SPDX-License-Identifier: MIT
// Converts elements of blocks and raw data between the byte order of the wire and that of this
// machine. Pure; memory need not be aligned.
#pragma once

#include <bit>
#include <cstddef>

#include "lib/format/modifier.h"

namespace visa::format {

/// Whether this machine must reverse the bytes of elements of `size` bytes that the wire has in
/// `order` (none means big, IEEE 488.2).
constexpr bool needs_reversal(ByteOrder order, std::size_t size) {
  const bool wire_little = order == ByteOrder::little;
  return size > 1 && wire_little != (std::endian::native == std::endian::little);
}

/// Reverses the bytes of each of `count` elements of 1, 2, 4 or 8 bytes, from `from` to `to`. The
/// two are the same memory or do not overlap.
void reverse_elements(const void* from, void* to, std::size_t count, std::size_t size);

}  // namespace visa::format
