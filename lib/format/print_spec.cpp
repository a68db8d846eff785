// SPDX-License-Identifier: MIT
// The grammar of print specifiers, and which modifiers go with which conversion. check() at the
// end decides that, so that the engine need not check.
#include "lib/format/print_spec.h"

#include <cstring>

namespace visa::format {
namespace {

bool contains(const char* set, char c) {
  return c != '\0' && std::strchr(set, c) != nullptr;
}

/// Takes a `*` or a number at `at`, if there is one. False for a number that an int cannot hold.
bool take_amount(const char*& at, Amount& amount) {
  if (*at == '*') {
    ++at;
    amount.kind = Amount::Kind::argument;
    return true;
  }
  const int number = take_number(at);
  if (number == kTooLarge) return false;
  if (number >= 0) amount = {Amount::Kind::number, number};
  return true;
}

bool take_flag(const char*& at, PrintSpec& spec) {
  switch (*at) {
    case '-':
      spec.left = true;
      break;
    case '+':
      spec.plus = true;
      break;
    case ' ':
      spec.space = true;
      break;
    case '0':  // a flag: take_amount looks for a number only after the flags
      spec.zero = true;
      break;
    case '#':
      spec.alternate = true;
      break;
    default:
      return false;
  }
  ++at;
  return true;
}

/// Takes one modifier. Clears `taken` when `at` has reached the conversion.
Status take_modifier(const char*& at, PrintSpec& spec, bool& taken) {
  const char* const before = at;
  taken = true;
  if (take_flag(at, spec)) return Status::success;
  bool bad = false;
  if (*at == '.') {
    ++at;
    if (spec.precision.given() || !take_amount(at, spec.precision)) return Status::error_inv_fmt;
    if (!spec.precision.given()) spec.precision = {Amount::Kind::number, 0};
    return Status::success;
  }
  if (*at == ',') {
    ++at;
    if (spec.array || !take_amount(at, spec.array_size)) return Status::error_inv_fmt;
    spec.array = true;
    return Status::success;
  }
  if (*at == '*' || (*at >= '1' && *at <= '9')) {
    if (spec.width.given() || !take_amount(at, spec.width)) return Status::error_inv_fmt;
    return Status::success;
  }
  if (const auto order = take_byte_order(at, bad); order != ByteOrder::none) {
    if (spec.order != ByteOrder::none) return Status::error_inv_fmt;
    spec.order = order;
  } else if (const auto form = take_form(at, bad); form != Form::none) {
    if (spec.form != Form::none) return Status::error_inv_fmt;
    spec.form = form;
  } else if (const auto length = take_length(at); length != Length::none) {
    if (spec.length == Length::h && length == Length::h) return Status::error_nsup_fmt;
    if (spec.length != Length::none) return Status::error_inv_fmt;
    spec.length = length;
  } else if (*at == 'j') {
    return Status::error_nsup_fmt;
  }
  taken = at != before;
  return bad ? Status::error_inv_fmt : Status::success;
}

/// h, l, ll.
bool integer_length(Length length) {
  return length == Length::none || length == Length::h || length == Length::l ||
         length == Length::ll;
}

bool has_flags(const PrintSpec& spec) {
  return spec.left || spec.plus || spec.space || spec.zero || spec.alternate;
}

Status check_number(const PrintSpec& spec, bool length_fits) {
  return length_fits && spec.order == ByteOrder::none ? Status::success : Status::error_inv_fmt;
}

Status check_text(const PrintSpec& spec) {
  if (spec.length == Length::l) return Status::error_nsup_fmt;
  const bool plain = spec.length == Length::none && spec.form == Form::none &&
                     spec.order == ByteOrder::none && !spec.array;
  return plain ? Status::success : Status::error_inv_fmt;
}

// A block has only a count and an element size; the byte order is for raw data alone.
Status check_block(const PrintSpec& spec) {
  const bool raw = spec.code == 'y';
  const bool float_elements = spec.length == Length::z || spec.length == Length::Z;
  const bool length_fits = integer_length(spec.length) || (float_elements && !raw);
  const bool plain = spec.width.given() && !spec.precision.given() && !spec.array &&
                     !has_flags(spec) && spec.form == Form::none && length_fits &&
                     (raw || spec.order == ByteOrder::none);
  return plain ? Status::success : Status::error_inv_fmt;
}

Status check(PrintSpec& spec) {
  if (spec.array && !spec.array_size.given()) {
    if (spec.width.kind != Amount::Kind::argument) return Status::error_inv_fmt;
    spec.width_is_array = true;
  }
  if (contains("diouxX", spec.code)) return check_number(spec, integer_length(spec.length));
  if (contains("feEgG", spec.code)) {
    return check_number(spec, spec.length == Length::none || spec.length == Length::l ||
                                  spec.length == Length::ll || spec.length == Length::L);
  }
  if (contains("cs", spec.code)) return check_text(spec);
  if (contains("bBy", spec.code)) return check_block(spec);
  const bool bare = !has_flags(spec) && !spec.width.given() && !spec.precision.given() &&
                    !spec.array && spec.form == Form::none && spec.order == ByteOrder::none;
  switch (spec.code) {
    case 'n':
      return bare && integer_length(spec.length) ? Status::success : Status::error_inv_fmt;
    case 'p':
      return check_text(spec);
    case '%':
      return bare && spec.length == Length::none ? Status::success : Status::error_inv_fmt;
    case 'a':
    case 'A':
      return Status::error_nsup_fmt;
    default:
      return Status::error_inv_fmt;
  }
}

}  // namespace

Status parse_print_spec(const char*& at, PrintSpec& spec) {
  for (bool taken = true; taken;) {
    const auto status = take_modifier(at, spec, taken);
    if (failed(status)) return status;
  }
  if (*at == '\0') return Status::error_inv_fmt;
  spec.code = *at++;
  return check(spec);
}

}  // namespace visa::format
