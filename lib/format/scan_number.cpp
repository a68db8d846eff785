// SPDX-License-Identifier: MIT
// std::from_chars converts decimal digits: it is exact and ignores the locale. This file adds what
// it does not do: a plus sign, the forms with #, the question whether more text could change the
// result, and numbers out of range.
#include "lib/format/scan_number.h"

#include <charconv>
#include <cmath>

#include "lib/format/scan_decimal.h"
#include "lib/format/scan_spec.h"

namespace visa::format {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 99;
}

// Looks at text and remembers whether a caller wanted to look past its end.
class Cursor {
 public:
  Cursor(const char* begin, const char* end) : at(begin), end_(end) {}
  char look(std::ptrdiff_t ahead = 0) {
    if (ahead < end_ - at) return at[ahead];
    wanted_more_ = true;
    return '\0';
  }
  bool skip(char lower) {
    if ((look() | 0x20) != lower) return false;
    ++at;
    return true;
  }
  bool wanted_more() const { return wanted_more_; }

  const char* at;

 private:
  const char* const end_;
  bool wanted_more_ = false;
};

// Decimal text: where its digits and its exponent are.
struct Decimal {
  const char* begin = nullptr;  // after the sign
  std::ptrdiff_t whole = 0;     // number of digits before the point
  std::ptrdiff_t fraction = 0;  // number of digits after the point
  bool point = false;
  long exponent = 0;
};

constexpr long kFarExponent = 1'000'000;  // larger than any accepted text; keeps sums in range

// Takes digits, a point, digits; at least one digit.
bool take_mantissa(Cursor& text, Decimal& decimal) {
  decimal.begin = text.at;
  for (; is_digit(text.look()); ++text.at) ++decimal.whole;
  if (text.look() == '.') {
    if (decimal.whole == 0 && !is_digit(text.look(1))) return false;
    decimal.point = true;
    for (++text.at; is_digit(text.look()); ++text.at) ++decimal.fraction;
  }
  return decimal.whole + decimal.fraction > 0;
}

// Takes an exponent. An `e` without digits is not one and stays.
void take_exponent(Cursor& text, Decimal& decimal) {
  if ((text.look() | 0x20) != 'e') return;
  std::ptrdiff_t ahead = 1;
  const bool negative = text.look(1) == '-';
  if (negative || text.look(1) == '+') ahead = 2;
  if (!is_digit(text.look(ahead))) return;
  for (text.at += ahead; is_digit(text.look()); ++text.at) {
    if (decimal.exponent < kFarExponent)
      decimal.exponent = decimal.exponent * 10 + (*text.at - '0');
  }
  if (negative) decimal.exponent = -decimal.exponent;
}

bool take_digits(Cursor& text, unsigned base, ScannedInteger& value) {
  if (digit_value(text.look()) >= base) return false;
  for (unsigned digit = 0; (digit = digit_value(text.look())) < base; ++text.at) {
    value.beyond |= __builtin_mul_overflow(value.magnitude, base, &value.magnitude) ||
                    __builtin_add_overflow(value.magnitude, digit, &value.magnitude);
  }
  return true;
}

// Takes #H, #Q or #B and its digits (IEEE 488.2 nondecimal numeric).
bool take_nondecimal(Cursor& text, ScannedInteger& value) {
  ++text.at;
  if (text.skip('h')) return take_digits(text, 16, value);
  if (text.skip('q')) return take_digits(text, 8, value);
  if (text.skip('b')) return take_digits(text, 2, value);
  return false;
}

// Computes the whole part of decimal text exactly: its first `whole + exponent` digits.
void cut_to_integer(const Decimal& decimal, ScannedInteger& value) {
  const auto wanted = decimal.whole + decimal.exponent;
  const auto present = decimal.whole + decimal.fraction;
  for (std::ptrdiff_t i = 0; i < wanted && !value.beyond; ++i) {
    if (i >= present && value.magnitude == 0) return;
    const bool behind_point = i >= decimal.whole && decimal.point;
    const unsigned digit =
        i < present ? static_cast<unsigned>(decimal.begin[i + (behind_point ? 1 : 0)] - '0') : 0;
    value.beyond = __builtin_mul_overflow(value.magnitude, 10U, &value.magnitude) ||
                   __builtin_add_overflow(value.magnitude, digit, &value.magnitude);
  }
}

// Takes the 0x of %i and %x if a digit follows; otherwise the number is the 0 alone.
bool take_hex_prefix(Cursor& text) {
  if (text.look() != '0' || (text.look(1) | 0x20) != 'x' || digit_value(text.look(2)) >= 16) {
    return false;
  }
  text.at += 2;
  return true;
}

bool take_decimal_integer(Cursor& text, char code, ScannedInteger& value) {
  const Cursor start = text;
  Decimal decimal;
  if (!take_mantissa(text, decimal)) return false;
  take_exponent(text, decimal);
  // %i: a leading 0 means octal as in C, unless a point, an exponent, 8 or 9 shows a decimal.
  if (code == 'i' && *decimal.begin == '0' && text.at == decimal.begin + decimal.whole) {
    Cursor octal(start.at, text.at);
    ScannedInteger digits;
    if (take_digits(octal, 8, digits) && octal.at == text.at) {
      value.magnitude = digits.magnitude;
      value.beyond = digits.beyond;
      return true;
    }
  }
  cut_to_integer(decimal, value);
  return true;
}

bool take_any_integer(Cursor& text, char code, ScannedInteger& value) {
  if (text.look() == '#') return take_nondecimal(text, value);
  value.negative = text.look() == '-';
  if (value.negative || text.look() == '+') ++text.at;
  const bool hexadecimal = code == 'x' || code == 'X' || code == 'p';
  if ((hexadecimal || code == 'i') && take_hex_prefix(text)) return take_digits(text, 16, value);
  if (hexadecimal) return take_digits(text, 16, value);
  if (code == 'o') return take_digits(text, 8, value);
  return take_decimal_integer(text, code, value);
}

// Makes the result of `found`, which says whether the cursor took a number; then `at` moves past
// it.
Word conclude(bool found, const Cursor& text, bool final, const char*& at) {
  if (text.wanted_more() && !final) return Word::unfinished;
  if (!found || static_cast<std::size_t>(text.at - at) > kLongestNumber) return Word::different;
  at = text.at;
  return Word::taken;
}

// Takes inf, infinity or nan as C reads them, without the sign.
template <class T>
bool take_name(Cursor& text, T& value) {
  if (text.skip('n')) {
    value = std::numeric_limits<T>::quiet_NaN();
    return text.skip('a') && text.skip('n');
  }
  value = std::numeric_limits<T>::infinity();
  if (!text.skip('i') || !text.skip('n') || !text.skip('f')) return false;
  Cursor longer = text;
  if (longer.skip('i') && longer.skip('n') && longer.skip('i') && longer.skip('t') &&
      longer.skip('y')) {
    text.at = longer.at;
  } else if (longer.wanted_more()) {
    static_cast<void>(text.look(longer.at - text.at));
  }
  return true;
}

// The power of ten alone decides whether a number is too large or too small.
template <class T>
T out_of_range(const Decimal& decimal) {
  std::ptrdiff_t leading = 0;  // zeros before the first other digit
  const auto present = decimal.whole + decimal.fraction;
  for (; leading < present; ++leading) {
    const bool behind_point = leading >= decimal.whole && decimal.point;
    if (decimal.begin[leading + (behind_point ? 1 : 0)] != '0') break;
  }
  const auto power = decimal.whole - leading + decimal.exponent;
  return power > 0 ? std::numeric_limits<T>::infinity() : T{0};
}

// Converts `decimal`, whose text ends at `stop`; the sign is not part of it.
template <class T>
T real_of(const Decimal& decimal, const char* stop) {
  T value{};
  if (std::from_chars(decimal.begin, stop, value).ec == std::errc::result_out_of_range) {
    value = out_of_range<T>(decimal);
  }
  return value;
}

template <class T>
bool take_any_real(Cursor& text, T& value) {
  if (text.look() == '#') {
    ScannedInteger integer;
    const bool found = take_nondecimal(text, integer);
    value = integer.beyond ? std::numeric_limits<T>::infinity() : static_cast<T>(integer.magnitude);
    return found;
  }
  const bool negative = text.look() == '-';
  if (negative || text.look() == '+') ++text.at;
  if (const char c = static_cast<char>(text.look() | 0x20); c == 'i' || c == 'n') {
    if (!take_name(text, value)) return false;
  } else {
    Decimal decimal;
    if (!take_mantissa(text, decimal)) return false;
    take_exponent(text, decimal);
    value = real_of<T>(decimal, text.at);
  }
  value = negative ? std::copysign(value, T{-1}) : value;
  return true;
}

}  // namespace

Word take_integer(const char*& at, const char* end, bool final, char code, ScannedInteger& value) {
  Cursor text(at, end);
  value = ScannedInteger{};
  const bool found = take_any_integer(text, code, value);
  return conclude(found, text, final, at);
}

template <class T>
Word take_real(const char*& at, const char* end, bool final, T& value) {
  Cursor text(at, end);
  const bool found = take_any_real(text, value);
  return conclude(found, text, final, at);
}

namespace {

// Takes a number and its comma with from_chars, which most numbers suit; `at` moves past the comma.
// Text that from_chars accepts and take_real does not is left to take_real.
template <class T>
bool take_with_comma(const char*& at, const char* end, T& value) {
  const char* begin = at;
  if (static_cast<unsigned char>(*begin) < '-') {
    while (begin != end && is_white(*begin)) ++begin;
    if (begin != end && *begin == '+') ++begin;
    if (begin == end || (*begin == '-' && begin[-1] == '+')) return false;
  }
  T found;
  const auto [stop, error] = std::from_chars(begin, end, found);
  if (error != std::errc{} || stop == end || *stop != ',' || !std::isfinite(found) ||
      static_cast<std::size_t>(stop - at) > kLongestNumber) {
    return false;
  }
  value = found;
  at = stop + 1;
  return true;
}

}  // namespace

template <class T>
std::size_t take_reals(const char*& at, const char* end, T* into, std::size_t room) {
  [[maybe_unused]] constexpr std::size_t kGiveUpFor =
      32;  // numbers, when one was too long: the next will be too
  const char* from = at;
  std::size_t count = 0;
  [[maybe_unused]] std::size_t try_short = 0;
  for (; count < room && from != end; ++count) {
    if constexpr (kRoundsOnce && std::is_same_v<T, double>) {
      if (count >= try_short) {
        while (from != end && is_white(*from)) ++from;
        double value = 0;
        const char* const stop = behind_short_decimal(from, end, value);
        if (stop != nullptr && stop != end && *stop == ',') {
          into[count] = value;
          from = stop + 1;
          continue;
        }
        try_short = count + kGiveUpFor;
      }
    }
    if (from == end || !take_with_comma(from, end, into[count])) break;
  }
  at = from;
  return count;
}

template <class T>
std::size_t take_integers(const char*& at, const char* end, bool is_unsigned, T* into,
                          std::size_t room) {
  constexpr std::ptrdiff_t kSafeDigits = 18;
  constexpr auto kHighest = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  std::size_t count = 0;
  while (count < room) {
    const char* stop = at;
    while (stop != end && is_white(*stop)) ++stop;
    if (stop == end) break;
    const unsigned sign = decimal::kSigns[static_cast<unsigned char>(*stop)];
    stop += sign & 1U;
    const char* const begin = stop;
    const char* const limit = end - stop > kSafeDigits ? stop + kSafeDigits : end;
    std::uint64_t magnitude = 0;
    for (; stop != limit; ++stop) {
      const unsigned digit = static_cast<unsigned char>(*stop) - unsigned{'0'};
      if (digit > 9) break;
      magnitude = magnitude * 10 + digit;
    }
    if (stop == begin || stop == end || *stop != ',') break;
    const std::uint64_t negative = sign >> 1U;
    if (magnitude <= kHighest) {
      const std::uint64_t value = (magnitude ^ (0 - negative)) + negative;  // -x is ~x + 1
      into[count++] = static_cast<T>(static_cast<std::int64_t>(value));
    } else {
      into[count++] = narrowed<T>({magnitude, negative != 0, false}, is_unsigned);
    }
    at = stop + 1;
  }
  return count;
}

template Word take_real(const char*&, const char*, bool, float&);
template Word take_real(const char*&, const char*, bool, double&);
template Word take_real(const char*&, const char*, bool, long double&);
template std::size_t take_reals(const char*&, const char*, float*, std::size_t);
template std::size_t take_reals(const char*&, const char*, double*, std::size_t);
template std::size_t take_reals(const char*&, const char*, long double*, std::size_t);
template std::size_t take_integers(const char*&, const char*, bool, std::int16_t*, std::size_t);
template std::size_t take_integers(const char*&, const char*, bool, std::int32_t*, std::size_t);
template std::size_t take_integers(const char*&, const char*, bool, std::int64_t*, std::size_t);

}  // namespace visa::format
