// SPDX-License-Identifier: MIT
// Numbers as text, independent of the locale and correctly rounded. The text is in parts, so that
// any width and precision is printed from a buffer of fixed size. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace visa::format {

/// sign, prefix, zeros, digits, more zeros, tail: what is printed, in this order.
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

/// Where the digits are; outlives the NumberText.
class NumberBuffer {
 public:
  /// The longest exact double: 309 digits, the point, 1074 digits.
  static constexpr std::size_t kSize = 1400;
  char* begin() { return fixed_.data(); }
  char* end() { return fixed_.data() + fixed_.size(); }
  /// A larger one, for long double. std::bad_alloc.
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
  int precision = -1;      // least number of digits; -1: none given
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
