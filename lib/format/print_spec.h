// SPDX-License-Identifier: MIT
// One parsed specifier of a print format: what stands between `%` and the conversion, in any order,
// as the parsers of other VISAs accept it. A value; pure.
#pragma once

#include <cstdint>

#include "lib/base/status.h"
#include "lib/format/modifier.h"

namespace visa::format {

/// A number in a specifier: absent, written as digits, or the next int argument (`*`).
struct Amount {
  enum class Kind : std::uint8_t { none, number, argument };
  Kind kind = Kind::none;
  int number = 0;
  bool given() const { return kind != Kind::none; }
};

struct PrintSpec {
  bool left = false;
  bool plus = false;
  bool space = false;
  bool zero = false;
  bool alternate = false;
  bool array = false;           // `,`
  bool width_is_array = false;  // `%*,f`: the `*` before the comma is the array size
  Form form = Form::none;
  ByteOrder order = ByteOrder::none;
  Length length = Length::none;
  Amount width;  // of b, B, y: the count
  Amount precision;
  Amount array_size;
  char code = '\0';
};

/// Parses a specifier. `at` points past the `%`; on success it moves past the conversion.
/// error_inv_fmt: VISA has no such specifier. error_nsup_fmt: C has it, VISA has not (hh, j, wide
/// characters, hexadecimal floating point).
Status parse_print_spec(const char*& at, PrintSpec& spec);

}  // namespace visa::format
