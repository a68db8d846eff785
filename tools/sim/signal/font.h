// SPDX-License-Identifier: MIT
// The letters of the oscilloscope's screen: 5 x 7 dots, a row a byte, leftmost dot in bit 4.
// Constant.
#pragma once

#include <array>
#include <cstdint>

namespace visa::sim {

using Glyph = std::array<std::uint8_t, 7>;

/// A blank for characters it does not have; small letters without a form of their own are capitals.
const Glyph& glyph_of(char letter) noexcept;

}  // namespace visa::sim
