// SPDX-License-Identifier: MIT
// Elements of blocks and raw data between the order of the wire and that of this machine. Pure;
// nothing needs to be aligned.
#pragma once

#include <bit>
#include <cstddef>

#include "lib/format/modifier.h"

namespace visa::format {

/// Whether elements of `size` bytes in `order` (none = big, IEEE 488.2) must be turned round here.
constexpr bool needs_reversal(ByteOrder order, std::size_t size) {
  const bool wire_little = order == ByteOrder::little;
  return size > 1 && wire_little != (std::endian::native == std::endian::little);
}

/// Turns each of `count` elements of 1, 2, 4 or 8 bytes round, from `from` to `to`: the same place
/// or places that do not overlap.
void reverse_elements(const void* from, void* to, std::size_t count, std::size_t size);

}  // namespace visa::format
