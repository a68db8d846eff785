// SPDX-License-Identifier: MIT
// The value of one attribute on its way between the C API, the stores and the drivers. Numbers of
// every width travel as 64 bits: unsigned types zero-extended, signed types (ViInt16, ViInt32,
// ViStatus) sign-extended, ViBoolean as 0 or 1, pointers as their address. Strings and byte arrays
// travel as std::string. A value type.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace visa::model {

using AttributeValue = std::variant<std::uint64_t, std::string>;

/// The 64-bit form of a signed number.
constexpr std::uint64_t signed_value(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}

/// The number in `value`, or 0 when it is a string.
inline std::uint64_t number(const AttributeValue& value) noexcept {
  const auto* held = std::get_if<std::uint64_t>(&value);
  return held == nullptr ? 0 : *held;
}

}  // namespace visa::model
