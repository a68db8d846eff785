// SPDX-License-Identifier: MIT
// The parts that resource names are parsed from: fields between "::", bounded numbers, keywords
// with a number; and the first mistake found. Private to the parser. Pure functions: any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "lib/model/ascii.h"
#include "lib/model/mistake.h"
#include "lib/model/resource_name.h"

namespace visa::model {

/// The parts between "::". No form has more parts than fit here; more are a mistake.
struct Fields {
  std::array<std::string_view, 6> part;
  std::size_t count = 0;
  std::string_view written_class;  // the class, not in `part`; if there is none: empty, at the end
  Mistake mistake;                 // the first one

  std::string_view operator[](std::size_t i) const noexcept { return part[i]; }

  /// Records that `expected` was expected where `found` stands, unless a mistake is recorded
  /// already. Returns false.
  bool wrong(std::string_view found, std::string_view expected) noexcept {
    if (mistake.expected.empty()) mistake = {found, expected};
    return false;
  }

  bool add(std::string_view field) noexcept {
    if (field.empty()) return wrong(field, "something between '::' and '::'");
    if (count == part.size()) return wrong(field, "fewer parts");
    part[count++] = field;
    return true;
  }

  /// True when there is a part for each of `needed`, and at most `optional` more.
  bool has(std::initializer_list<std::string_view> needed, std::size_t optional = 0) noexcept {
    if (count < needed.size()) return wrong(written_class, needed.begin()[count]);
    const std::size_t most = needed.size() + optional;
    if (count > most) {
      return wrong(part[most], most == 0 ? "the resource class right after the interface"
                                         : "the resource class (INSTR, SOCKET, ...) or the end");
    }
    return true;
  }
};

/// Splits at "::", but with `brackets` not between [ and ], because an IPv6 address contains
/// colons.
inline bool split(std::string_view text, bool brackets, Fields& fields) noexcept {
  bool inside = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (brackets && (text[i] == '[' || text[i] == ']')) {
      if (inside != (text[i] == ']')) {
        return fields.wrong(text.substr(i, 1), "square brackets in pairs");
      }
      inside = !inside;
    } else if (!inside && text.substr(i, 2) == "::") {
      if (!fields.add(text.substr(begin, i - begin))) return false;
      begin = i + 2;
      ++i;
    }
  }
  if (inside) return fields.wrong(text.substr(text.size()), "a ']' after the '['");
  return fields.add(text.substr(begin));
}

/// Parses the fields between interface and class: one function per interface
/// (resource_name_grammar.cpp).
bool parse_fields(Fields& fields, ResourceName& name);

/// Reads a number without sign, decimal or, if `hexadecimal`, also 0x...
template <class T>
bool read_number(std::string_view text, std::uint64_t low, std::uint64_t high, T& out,
                 bool hexadecimal = false) noexcept {
  unsigned base = 10;
  if (hexadecimal && starts_without_case(text, "0x")) {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty()) return false;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || static_cast<unsigned>(digit) >= base) return false;
    value = value * base + static_cast<unsigned>(digit);
    if (value > high) {  // `high` is below 2^40, so the product cannot wrap
      return false;
    }
  }
  if (value < low) return false;
  out = static_cast<T>(value);
  return true;
}

/// The same for a keyword followed by a number, "SLOT4".
template <class T>
bool read_numbered(std::string_view text, std::string_view word, std::uint64_t low,
                   std::uint64_t high, T& out) noexcept {
  return starts_without_case(text, word) && read_number(text.substr(word.size()), low, high, out);
}

inline bool all(std::string_view text, bool (*test)(char)) noexcept {
  return std::all_of(text.begin(), text.end(), test);
}

}  // namespace visa::model
