// SPDX-License-Identifier: MIT
// Decimal numbers that one multiplication or division rounds correctly: an integer up to 2^53,
// multiplied or divided by a power of ten up to 10^22, both exact as double. Nearly all numbers of
// instruments are of this kind, and this takes half the time of std::from_chars, which does all
// others. Pure.
#pragma once

#include <array>
#include <bit>
#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace visa::format {

/// Whether this machine computes in double and not with more bits, as the method needs. It also
/// needs rounding to nearest, as std::from_chars does.
inline constexpr bool kRoundsOnce = FLT_EVAL_METHOD == 0;

namespace decimal {

constexpr bool is_digit(char c) {
  return static_cast<unsigned char>(c - '0') <= 9;
}

/// 1 for a plus sign, 3 for a minus. A table, because compilers turn comparisons into a branch.
inline constexpr auto kSigns = [] {
  std::array<unsigned char, 256> signs{};
  signs[std::size_t{'+'}] = 1;
  signs[std::size_t{'-'}] = 3;
  return signs;
}();

inline void take_digits(const char*& at, const char* end, std::uint64_t& value) {
  for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<unsigned>(*at - '0');
}

/// Takes eight digits at once, joined in pairs, then fours, then all eight; false if one of them is
/// not a digit.
inline bool take_eight(const char*& at, std::uint64_t& value) {
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  std::uint64_t text = 0;
  std::memcpy(&text, at, sizeof text);
  if (((text & kHigh) | (((text + 0x0606060606060606) & kHigh) >> 4U)) != 0x3333333333333333) {
    return false;
  }
  text -= 0x3030303030303030;
  text = text * 10 + (text >> 8U);
  const std::uint64_t high =
      (text & 0x000000FF000000FF) * (100 + (std::uint64_t{1'000'000} << 32U));
  const std::uint64_t low =
      (text >> 16U & 0x000000FF000000FF) * (1 + (std::uint64_t{10'000} << 32U));
  value = value * 100'000'000 + ((high + low) >> 32U);
  at += 8;
  return true;
}

}  // namespace decimal

/// Where [sign]digits[.digits][e[sign]digits] ends if it is one of those numbers, otherwise null.
/// The sign causes no branch, because the processor cannot predict it; and finding the next number
/// waits for no memory access.
inline const char* behind_short_decimal(const char* at, const char* end, double& value) {
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53U;
  constexpr int kPowers = 22;
  static constexpr double kPower[kPowers + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (end - at < 2) return nullptr;
  const char* next = at;
  const unsigned sign = decimal::kSigns[static_cast<unsigned char>(*next)];
  next += sign & 1U;
  const char* begin = next;
  std::uint64_t digits = 0;
  decimal::take_digits(next, end, digits);
  std::ptrdiff_t count = next - begin;
  int exponent = 0;
  if (next != end && *next == '.') {
    begin = ++next;
    if (std::endian::native == std::endian::little && end - next >= 8) {
      decimal::take_eight(next, digits);
    }
    decimal::take_digits(next, end, digits);
    count += next - begin;
    exponent = -static_cast<int>(next - begin);
  }
  if (count == 0 || count > 19) return nullptr;  // 20 of them may not fit 64 bits
  if (next != end && (*next | 0x20) == 'e') {
    if (end - ++next < 2) return nullptr;
    const bool below = *next == '-';
    next += (below ? 1U : 0U) | (*next == '+' ? 1U : 0U);
    begin = next;
    std::uint64_t power = 0;
    decimal::take_digits(next, end, power);
    if (next == begin || next - begin > 4) return nullptr;
    exponent += below ? -static_cast<int>(power) : static_cast<int>(power);
  }
  if (digits > kExact || exponent < -kPowers || exponent > kPowers) return nullptr;
  const auto exact = static_cast<double>(digits);
  const double result = exponent < 0 ? exact / kPower[-exponent] : exact * kPower[exponent];
  value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(result) ^ std::uint64_t{sign >> 1U}
                                                                           << 63U);
  return next;
}

}  // namespace visa::format
