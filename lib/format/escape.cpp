// SPDX-License-Identifier: MIT
// Invariant: no look-up goes past the NUL of the format, because each step needs a byte that is
// not NUL.
#include "lib/format/escape.h"

namespace visa::format {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Escape octal(const char* at) {
  unsigned value = 0;
  int length = 1;
  while (length <= 3 && at[length] >= '0' && at[length] <= '7') {
    value = value * 8 + static_cast<unsigned>(at[length] - '0');
    ++length;
  }
  return {static_cast<unsigned char>(value), false, length};  // \777: the low eight bits, as in C
}

Escape hexadecimal(const char* at) {
  unsigned value = 0;
  int length = 2;
  while (length <= 3 && hex_digit(at[length]) >= 0) {
    value = value * 16 + static_cast<unsigned>(hex_digit(at[length]));
    ++length;
  }
  if (length == 2) return {};
  return {static_cast<unsigned char>(value), false, length};
}

}  // namespace

Escape escape_at(const char* at) {
  switch (at[1]) {
    case 'n':
      return {'\n', true, 2};
    case 'r':
      return {'\r', false, 2};
    case 't':
      return {'\t', false, 2};
    case '"':
      return {'"', false, 2};
    case '\\':
      return {'\\', false, 2};
    case 'x':
      return hexadecimal(at);
    default:
      if (at[1] >= '0' && at[1] <= '7') return octal(at);
      return {};
  }
}

}  // namespace visa::format
