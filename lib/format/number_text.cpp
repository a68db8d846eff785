// SPDX-License-Identifier: MIT
// The rules of C's printf for d o u x f e g (C11 7.21.6.1), built on std::to_chars. Digits that are
// certainly zero (beyond the last digit of the exact value) are counted, not written.
#include "lib/format/number_text.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>

namespace visa::format {
namespace {

/// How many digits the exact value of a T may have, after the point and in all.
template <class T>
constexpr int kMostDigits = std::numeric_limits<T>::digits - std::numeric_limits<T>::min_exponent;
static_assert(kMostDigits<double> == 1074);

template <class T>
struct Writer {
  T value;  // not negative, finite
  const FloatStyle& style;
  char* begin;
  char* end;

  std::string_view write(std::chars_format format, int precision) const {
    const auto done = std::to_chars(begin, end, value, format, precision);
    assert(done.ec == std::errc());
    return {begin, static_cast<std::size_t>(done.ptr - begin)};
  }

  /// Appends the point that `#` asks for when no digit follows.
  void point(std::string_view& text) const {
    begin[text.size()] = '.';
    text = {begin, text.size() + 1};
  }

  NumberText fixed(int precision) const {
    NumberText text;
    const int written = std::min(precision, kMostDigits<T>);
    text.digits = write(std::chars_format::fixed, written);
    text.more_zeros = static_cast<std::size_t>(precision - written);
    if (precision == 0 && style.alternate) point(text.digits);
    return text;
  }

  NumberText scientific(int precision) const {
    NumberText text;
    const int written = std::min(precision, kMostDigits<T>);
    const auto whole = write(std::chars_format::scientific, written);
    const auto exponent = whole.rfind('e');
    text.digits = whole.substr(0, exponent);
    text.tail = whole.substr(exponent);
    if (style.upper) begin[exponent] = 'E';
    text.more_zeros = static_cast<std::size_t>(precision - written);
    if (precision == 0 && style.alternate) {
      std::copy_backward(begin + exponent, begin + whole.size(), begin + whole.size() + 1);
      begin[exponent] = '.';
      text.digits = {begin, exponent + 1};
      text.tail = {begin + exponent + 1, text.tail.size()};
    }
    return text;
  }

  // Without `#`, to_chars drops the zeros at the end. With `#` they stay, so the form is chosen
  // here, by the exponent after rounding.
  NumberText general(int precision) const {
    precision = std::max(precision, 1);
    if (!style.alternate) {
      NumberText text;
      text.digits = write(std::chars_format::general, std::min(precision, kMostDigits<T>));
      if (const auto at = text.digits.rfind('e'); style.upper && at != std::string_view::npos) {
        begin[at] = 'E';
      }
      return text;
    }
    const auto probe =
        write(std::chars_format::scientific, std::min(precision - 1, kMostDigits<T>));
    int exponent = 0;
    const auto at = probe.rfind('e');
    const bool below = probe[at + 1] == '-';
    std::from_chars(probe.data() + at + 2, probe.data() + probe.size(), exponent);
    if (below) exponent = -exponent;
    if (exponent < -4 || exponent >= precision) return scientific(precision - 1);
    return fixed(precision - 1 - exponent);
  }

  NumberText text() const {
    const int precision = style.precision < 0 ? 6 : style.precision;
    switch (style.letter) {
      case 'e':
        return scientific(precision);
      case 'g':
        return general(precision);
      default:
        return fixed(precision);
    }
  }
};

template <class T>
NumberText text_of(T value, const FloatStyle& style, char* begin, char* end) {
  NumberText text;
  if (std::isfinite(value)) {
    text = Writer<T>{std::abs(value), style, begin, end}.text();
  } else {
    const bool infinite = std::isinf(value);
    text.digits = style.upper ? (infinite ? "INF" : "NAN") : (infinite ? "inf" : "nan");
    text.zero_fill = false;
  }
  if (std::signbit(value)) text.sign = '-';
  return text;
}

}  // namespace

NumberText integer_text(std::uint64_t magnitude, bool negative, const IntegerStyle& style,
                        NumberBuffer& buffer) {
  NumberText text;
  if (negative) text.sign = '-';
  text.zero_fill = style.precision < 0;
  char* const begin = buffer.begin();
  char* end = begin;
  if (magnitude != 0 || style.precision != 0) {
    end = std::to_chars(begin, buffer.end(), magnitude, static_cast<int>(style.base)).ptr;
  }
  if (style.upper) {
    std::transform(begin, end, begin, [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
  text.digits = {begin, static_cast<std::size_t>(end - begin)};
  const auto least = static_cast<std::size_t>(std::max(style.precision, 0));
  if (least > text.digits.size()) text.zeros = least - text.digits.size();
  if (style.alternate && style.base == 16 && magnitude != 0)
    text.prefix = style.upper ? "0X" : "0x";
  if (style.alternate && style.base == 8 && text.zeros == 0 && !text.digits.starts_with('0')) {
    text.zeros = 1;
  }
  return text;
}

NumberText float_text(double value, const FloatStyle& style, NumberBuffer& buffer) {
  return text_of(value, style, buffer.begin(), buffer.end());
}

NumberText float_text(long double value, const FloatStyle& style, NumberBuffer& buffer) {
  constexpr auto kSize = static_cast<std::size_t>(std::numeric_limits<long double>::max_exponent10 +
                                                  kMostDigits<long double> + 16);
  char* const begin = buffer.grow(kSize);
  return text_of(value, style, begin, begin + kSize);
}

}  // namespace visa::format
