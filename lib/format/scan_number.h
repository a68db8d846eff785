// SPDX-License-Identifier: MIT
// Numbers as instruments write them: IEEE 488.2 decimal (NR1, NR2, NR3) and #H #Q #B, and what C
// adds (0x, octal, NAN, INF). Independent of the locale, correctly rounded. The longest text that
// is a number is taken; the rest stays. Text that is not a number stays whole. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "lib/format/byte_source.h"

namespace visa::format {

/// Longer numbers are not taken, because a number and the bytes that show its end must all be at
/// hand.
inline constexpr std::size_t kLongestNumber = 1000;
static_assert(kLongestNumber + 16 < ByteSource::kKept);

enum class Word {
  taken,      // `at` has moved past the number
  different,  // no number here
  unfinished  // the text ends too early to know
};

/// An integer of any size: `beyond` when not even 64 bits hold its magnitude.
struct ScannedInteger {
  std::uint64_t magnitude = 0;
  bool negative = false;
  bool beyond = false;
};

/// `code` is d, i, u, o, x, X or p. A fraction is cut off, as a C conversion does (1.9 is 1), and
/// an exponent counts. `final`: nothing follows `end`, so the result is never `unfinished`.
Word take_integer(const char*& at, const char* end, bool final, char code, ScannedInteger& value);

/// T is float, double or long double. Too large becomes infinite, too small zero, as in strtod.
template <class T>
Word take_real(const char*& at, const char* end, bool final, T& value);

/// The fast way through an array: takes numbers, each with its comma, until other text comes (then
/// the caller tries take_real) or `room` is full. Returns how many were taken.
template <class T>
std::size_t take_reals(const char*& at, const char* end, T* into, std::size_t room);
/// T is int16_t, int32_t or int64_t, `is_unsigned` as for `narrowed`.
template <class T>
std::size_t take_integers(const char*& at, const char* end, bool is_unsigned, T* into,
                          std::size_t room);

/// The value in the bytes of T. A value that the signed or the unsigned type of that size can hold
/// keeps its bits (a status register of 65535 read by %hd); any other becomes the nearest value of
/// the conversion's type.
template <class T>
T narrowed(const ScannedInteger& value, bool is_unsigned) {
  using Bits = std::make_unsigned_t<T>;
  constexpr std::uint64_t kAll = std::numeric_limits<Bits>::max();
  constexpr std::uint64_t kLowest = kAll / 2 + 1;  // the magnitude of the lowest signed value
  if (value.negative) {
    if (value.beyond || value.magnitude > kLowest) {
      return is_unsigned ? T{0} : std::numeric_limits<T>::min();
    }
    return static_cast<T>(static_cast<Bits>(0 - value.magnitude));
  }
  if (value.beyond || value.magnitude > kAll) {
    return is_unsigned ? static_cast<T>(static_cast<Bits>(kAll)) : std::numeric_limits<T>::max();
  }
  return static_cast<T>(static_cast<Bits>(value.magnitude));
}

}  // namespace visa::format
