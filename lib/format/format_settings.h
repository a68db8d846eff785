// SPDX-License-Identifier: MIT
// What the configuration decides about formats: two modifiers that mean one thing to programs that
// pass VISA types and another to programs that pass C types. A value: any thread.
#pragma once

namespace visa::format {

struct FormatSettings {
  /// `l` of integers, scalars and `,` arrays: 32 bits (ViInt32, what drivers pass), or, with
  /// formatted_long = 64, 64 bits (a C long of a 64-bit program). Elements of %b, %B and %y are 32
  /// bits either way.
  bool long_is_64 = false;
  /// `L` of floating point: a double (ViReal64, what drivers pass), or, with formatted_long_double,
  /// the C long double.
  bool long_double = false;
};

}  // namespace visa::format
