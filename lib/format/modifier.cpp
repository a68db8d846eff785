// SPDX-License-Identifier: MIT
// Invariant: a function that finds no word leaves `at` where it was.
#include "lib/format/modifier.h"

#include <limits>

namespace visa::format {

Length take_length(const char*& at) {
  switch (*at) {
    case 'h':
      ++at;
      return Length::h;
    case 'l':
      ++at;
      if (*at != 'l') return Length::l;
      ++at;
      return Length::ll;
    case 'I':
      if (at[1] != '6' || at[2] != '4') return Length::none;
      at += 3;
      return Length::ll;
    case 'L':
      ++at;
      return Length::L;
    case 'z':
      ++at;
      return Length::z;
    case 'Z':
      ++at;
      return Length::Z;
    default:
      return Length::none;
  }
}

ByteOrder take_byte_order(const char*& at, bool& bad) {
  if (*at != '!') return ByteOrder::none;
  if (at[1] == 'o' && (at[2] == 'b' || at[2] == 'l')) {
    at += 3;
    return at[-1] == 'b' ? ByteOrder::big : ByteOrder::little;
  }
  bad = true;
  return ByteOrder::none;
}

Form take_form(const char*& at, bool& bad) {
  if (*at != '@') return Form::none;
  Form form = Form::none;
  switch (at[1]) {
    case '1':
      form = Form::nr1;
      break;
    case '2':
      form = Form::nr2;
      break;
    case '3':
      form = Form::nr3;
      break;
    case 'H':
      form = Form::hex;
      break;
    case 'Q':
      form = Form::octal;
      break;
    case 'B':
      form = Form::binary;
      break;
    default:
      bad = true;
      return Form::none;
  }
  at += 2;
  return form;
}

int take_number(const char*& at) {
  if (*at < '0' || *at > '9') return -1;
  int value = 0;
  constexpr int kMost = std::numeric_limits<int>::max();
  for (; *at >= '0' && *at <= '9'; ++at) {
    const int digit = *at - '0';
    if (value == kTooLarge) continue;
    value = value > (kMost - digit) / 10 ? kTooLarge : value * 10 + digit;
  }
  return value;
}

}  // namespace visa::format
