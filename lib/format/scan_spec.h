// SPDX-License-Identifier: MIT
// One specifier of a read format, `%[*][width][,size][modifiers]code`, parsed and checked.
// Modifiers may come in any order. A value; pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lib/base/status.h"
#include "lib/format/modifier.h"

namespace visa::format {

/// Space, \t \n \v \f \r, in every locale.
constexpr bool is_white(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// The characters that `%[...]` takes.
class ScanSet {
 public:
  void add(unsigned char byte) { bits_[byte / 64U] |= std::uint64_t{1} << (byte % 64U); }
  void invert() {
    for (auto& word : bits_) word = ~word;
  }
  bool has(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return (bits_[byte / 64U] >> (byte % 64U) & 1U) != 0;
  }

 private:
  std::array<std::uint64_t, 4> bits_{};
};

/// How a width or a size is given.
enum class ScanCount : std::uint8_t {
  none,
  constant,  // digits
  pointer,   // `#`: an argument ViInt32*; in: the maximum, out: how many came
  value      // `*` after a comma: an argument int
};

struct ScanSpec {
  char code = '\0';       // as in the format; '[' for a set
  bool suppress = false;  // `*`: takes no argument at all
  ScanCount width = ScanCount::none;
  ScanCount array = ScanCount::none;
  int width_value = 0;
  int array_value = 0;
  Length length = Length::none;
  ByteOrder order = ByteOrder::none;
  Form form = Form::none;  // accepted without effect, because every form of a number is understood
  ScanSet set;
};

/// Takes a specifier from the front of a format. `at` points past the `%` and moves past the code.
/// error_inv_fmt: VISA has no such specifier. error_nsup_fmt: C has it, VISA does not (%ls, %l[,
/// %hhd, %jd, %a).
Status take_scan_spec(const char*& at, ScanSpec& spec);

/// How many bytes a number, element or count with this length has; `l` is 4, or 8 with
/// `long_is_64`.
std::size_t scan_integer_size(Length length, bool long_is_64);

}  // namespace visa::format
