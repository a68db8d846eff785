// SPDX-License-Identifier: MIT
// One specifier of a print format, read: what stands between `%` and the conversion, in any order,
// as the vendors' parsers take it. A value; pure.
#pragma once

#include <cstdint>

#include "lib/base/status.h"
#include "lib/format/modifier.h"

namespace visa::format {

/// A number in a specifier: not there, written out, or the next int argument (`*`).
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
  bool width_is_array = false;  // `%*,f`: the `*` before the comma is the size
  Form form = Form::none;
  ByteOrder order = ByteOrder::none;
  Length length = Length::none;
  Amount width;  // of b, B, y: the count
  Amount precision;
  Amount array_size;
  char code = '\0';
};

/// `at` is behind the `%`; on success it moves behind the conversion. error_inv_fmt: no specifier
/// of VISA; error_nsup_fmt: one of C that VISA has not (hh, j, wide characters, hexadecimal
/// floating point).
Status parse_print_spec(const char*& at, PrintSpec& spec);

}  // namespace visa::format
