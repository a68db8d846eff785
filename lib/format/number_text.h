// SPDX-License-Identifier: MIT
// Numbers as text, independent of the locale and correctly rounded. The text has parts, so that a
// buffer of fixed size is enough for any width and precision. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace visa::format {

/// What is printed, in this order: sign, prefix, zeros, digits, more zeros, tail.
struct NumberText {
  char sign = '\0';
  std::string_view prefix;
  std::size_t zeros = 0;
  std::string_view digits;
  std::size_t more_zeros = 0;
  std::string_view tail;
  bool zero_fill = true;  // the flag 0 applies: not to inf, nor to an integer with a precision

  std::size_t size() const {
    return (sign != '\0' ? 1u : 0u) + prefix.size() + zeros + digits.size() + more_zeros +
           tail.size();
  }
};

/// The memory of the digits; must outlive the NumberText.
class NumberBuffer {
 public:
  /// The longest exact double: 309 digits, the point, 1074 digits.
  static constexpr std::size_t kSize = 1400;
  char* begin() { return fixed_.data(); }
  char* end() { return fixed_.data() + fixed_.size(); }
  /// Takes a larger one, for long double. Throws std::bad_alloc.
  char* grow(std::size_t size) {
    large_ = std::make_unique<char[]>(size);
    return large_.get();
  }

 private:
  std::array<char, kSize> fixed_;
  std::unique_ptr<char[]> large_;
};

struct IntegerStyle {
  unsigned base = 10;
  bool upper = false;
  bool alternate = false;  // C's `#`
  int precision = -1;      // minimum number of digits; -1: not given
};

NumberText integer_text(std::uint64_t magnitude, bool negative, const IntegerStyle& style,
                        NumberBuffer& buffer);

struct FloatStyle {
  char letter = 'f';  // f, e, g
  bool upper = false;
  bool alternate = false;
  int precision = -1;  // -1: 6
};

NumberText float_text(double value, const FloatStyle& style, NumberBuffer& buffer);
NumberText float_text(long double value, const FloatStyle& style, NumberBuffer& buffer);

}  // namespace visa::format
