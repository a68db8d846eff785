// SPDX-License-Identifier: MIT
// VPP-4.3 6.2, the modifiers of viScanf. A modifier that the code does not know is error_inv_fmt
// and is never ignored: a misread modifier would write a wrong number of bytes through a pointer.
#include "lib/format/scan_spec.h"

#include <string_view>

#include "lib/format/escape.h"

namespace visa::format {
namespace {

bool is_one_of(char code, std::string_view codes) {
  return code != '\0' && codes.find(code) != std::string_view::npos;
}

// Takes the member of a set at `at`. An escape counts if it stands for another byte; a backslash
// before anything else is a backslash, so that [^\] keeps its meaning.
unsigned char take_member(const char*& at) {
  if (*at == '\\' && at[1] != '\\' && at[1] != '"') {
    const Escape escape = escape_at(at);
    at += escape.length;
    return escape.byte;
  }
  return static_cast<unsigned char>(*at++);
}

// Takes a set after its `[`. As in C, `^` inverts, a leading `]` is a member, and a `-` between two
// members is a range.
Status take_set(const char*& at, ScanSet& set) {
  const bool invert = *at == '^';
  if (invert) ++at;
  for (bool first = true; first || *at != ']'; first = false) {
    if (*at == '\0') return Status::error_inv_fmt;
    const unsigned char low = take_member(at);
    unsigned char high = low;
    if (*at == '-' && at[1] != ']' && at[1] != '\0') {
      ++at;
      high = take_member(at);
      if (high < low) return Status::error_inv_fmt;
    }
    for (unsigned byte = low; byte <= high; ++byte) set.add(static_cast<unsigned char>(byte));
  }
  ++at;
  if (invert) set.invert();
  return Status::success;
}

// Takes the array size after its `,`.
Status take_size(const char*& at, ScanSpec& spec) {
  if (spec.array != ScanCount::none) return Status::error_inv_fmt;
  if (*at == '#' || *at == '*') {
    spec.array = *at == '#' ? ScanCount::pointer : ScanCount::value;
    ++at;
    return Status::success;
  }
  spec.array = ScanCount::constant;
  spec.array_value = take_number(at);
  if (spec.array_value > 0) return Status::success;
  // A suppressed array needs no memory and may be of any size: `%*,f`.
  const bool any_size = spec.array_value == -1 && spec.suppress;
  spec.array = ScanCount::value;
  return any_size ? Status::success : Status::error_inv_fmt;
}

Status take_width(ScanCount kind, int value, ScanSpec& spec) {
  if (spec.width != ScanCount::none || value == kTooLarge) return Status::error_inv_fmt;
  spec.width = kind;
  spec.width_value = value;
  return Status::success;
}

// Takes everything between `%` and the code.
Status take_modifiers(const char*& at, ScanSpec& spec) {
  for (;;) {
    Status status = Status::success;
    bool bad = false;
    if (*at == '*') {
      if (spec.suppress) return Status::error_inv_fmt;
      spec.suppress = true;
      ++at;
    } else if (*at == ',') {
      status = take_size(++at, spec);
    } else if (*at == '#') {
      ++at;
      status = take_width(ScanCount::pointer, 0, spec);
    } else if (const int number = take_number(at); number != -1) {
      status = take_width(ScanCount::constant, number, spec);
    } else if (const Length length = take_length(at); length != Length::none) {
      if (spec.length == Length::h && length == Length::h) return Status::error_nsup_fmt;
      if (spec.length != Length::none) return Status::error_inv_fmt;
      spec.length = length;
    } else if (const ByteOrder order = take_byte_order(at, bad); order != ByteOrder::none) {
      if (spec.order != ByteOrder::none) return Status::error_inv_fmt;
      spec.order = order;
    } else if (const Form form = take_form(at, bad); form != Form::none) {
      if (spec.form != Form::none) return Status::error_inv_fmt;
      spec.form = form;
    } else if (*at == 'j') {
      return Status::error_nsup_fmt;
    } else {
      return bad ? Status::error_inv_fmt : Status::success;
    }
    if (failed(status)) return status;
  }
}

bool is_integer_length(Length length) {
  return length == Length::none || length == Length::h || length == Length::l ||
         length == Length::ll;
}

Status check_number(const ScanSpec& spec, bool length_fits) {
  // A number may have a width, as in C; a width by `#` would be the size of nothing.
  const bool good = length_fits && spec.order == ByteOrder::none &&
                    (spec.width == ScanCount::none ||
                     (spec.width == ScanCount::constant && spec.width_value > 0));
  return good ? Status::success : Status::error_inv_fmt;
}

Status check_text(const ScanSpec& spec) {
  if (spec.array != ScanCount::none || spec.order != ByteOrder::none || spec.form != Form::none ||
      (spec.width == ScanCount::constant && spec.width_value == 0)) {
    return Status::error_inv_fmt;
  }
  if (spec.length == Length::none) return Status::success;
  return spec.length == Length::l && is_one_of(spec.code, "cs[") ? Status::error_nsup_fmt
                                                                 : Status::error_inv_fmt;
}

Status check_block(const ScanSpec& spec) {
  const bool raw = spec.code == 'y';
  const bool length_fits = is_integer_length(spec.length) ||
                           (!raw && (spec.length == Length::z || spec.length == Length::Z));
  // A suppressed block needs no count, because its header says how long it is.
  const bool count_fits = spec.width != ScanCount::none || (spec.suppress && !raw);
  const bool order_fits = raw || spec.order == ByteOrder::none;
  const bool good = length_fits && count_fits && order_fits && spec.array == ScanCount::none &&
                    spec.form == Form::none;
  return good ? Status::success : Status::error_inv_fmt;
}

Status check_bare(const ScanSpec& spec) {
  const bool good = spec.width == ScanCount::none && spec.array == ScanCount::none &&
                    spec.order == ByteOrder::none && spec.form == Form::none;
  return good ? Status::success : Status::error_inv_fmt;
}

Status check(const ScanSpec& spec) {
  if (is_one_of(spec.code, "diouxX")) return check_number(spec, is_integer_length(spec.length));
  if (is_one_of(spec.code, "eEfgG")) {
    return check_number(spec, spec.length == Length::none || spec.length == Length::l ||
                                  spec.length == Length::ll || spec.length == Length::L);
  }
  if (is_one_of(spec.code, "cstT[")) return check_text(spec);
  if (is_one_of(spec.code, "bBy")) return check_block(spec);
  if (spec.code == 'n' && is_integer_length(spec.length)) return check_bare(spec);
  if (is_one_of(spec.code, "aA")) return Status::error_nsup_fmt;
  const bool plain = spec.length == Length::none && (spec.code == 'p' || !spec.suppress);
  if (is_one_of(spec.code, "%p") && plain) return check_bare(spec);
  return Status::error_inv_fmt;
}

}  // namespace

Status take_scan_spec(const char*& at, ScanSpec& spec) {
  spec = ScanSpec{};
  const Status status = take_modifiers(at, spec);
  if (failed(status)) return status;
  spec.code = *at;
  if (spec.code == '\0') return Status::error_inv_fmt;
  ++at;
  if (spec.code == '[') {
    const Status set = take_set(at, spec.set);
    if (failed(set)) return set;
  }
  return check(spec);
}

std::size_t scan_integer_size(Length length, bool long_is_64) {
  switch (length) {
    case Length::h:
      return 2;
    case Length::l:
      return long_is_64 ? 8 : 4;
    case Length::ll:
    case Length::Z:
      return 8;
    default:
      return 4;  // z too, a float
  }
}

}  // namespace visa::format
