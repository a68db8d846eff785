// SPDX-License-Identifier: MIT
// Formatted output. Invariant: a specifier is parsed and its arguments are taken and checked before
// any byte of it is put, so that a refused specifier prints nothing.
#include "lib/format/print_engine.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "lib/format/byte_order.h"
#include "lib/format/escape.h"
#include "lib/format/field.h"
#include "lib/format/number_text.h"
#include "lib/format/print_spec.h"

namespace visa::format {
namespace {

/// The specifier with the values of its `*` filled in.
struct Specifier : PrintSpec {
  int columns = 0;  // of b, B, y: the count
  int digits = -1;  // the precision, -1: none
  int elements = 1;
  Field field() const {
    const char positive = plus ? '+' : space ? ' ' : '\0';
    return {static_cast<std::size_t>(columns), left, zero, positive};
  }
};

class Printer {
 public:
  Printer(ArgumentList& arguments, ByteSink& sink, const FormatSettings& settings)
      : arguments_(arguments), sink_(sink), settings_(settings) {}

  Status run(const char* format);

 private:
  Status specifier(const char*& at);
  Status message_end() {
    const auto status = sink_.put('\n');
    return failed(status) ? status : sink_.end_message();
  }
  Status resolve(Specifier& spec);

  template <class Read>
  Status series(const Specifier& spec, Read&& one);
  Status integer(const Specifier& spec);
  Status put_integer(const Specifier& spec, std::uint64_t magnitude, bool negative);
  Status floating(const Specifier& spec);
  template <class T>
  Status put_float(const Specifier& spec, T value);
  Status string(const Specifier& spec);
  Status pointer(const Specifier& spec);
  Status store_count(const Specifier& spec);
  Status block(const Specifier& spec);
  Status elements(const Specifier& spec, const void* data, std::size_t size);

  ArgumentList& arguments_;
  ByteSink& sink_;
  const FormatSettings& settings_;
};

// A newline in the format ends a message, as a line feed and as the two characters `\n`.
Status Printer::run(const char* at) {
  Status status = Status::success;
  while (*at != '\0' && !failed(status) && !sink_.full_stop()) {
    const auto plain = std::strcspn(at, "%\\\n");
    if (plain != 0) {
      status = sink_.put(std::string_view(at, plain));
      at += plain;
    } else if (*at == '\n') {
      ++at;
      status = message_end();
    } else if (*at == '\\') {
      const auto escape = escape_at(at);
      at += escape.length;
      status = escape.newline ? message_end() : sink_.put(static_cast<char>(escape.byte));
    } else {
      ++at;
      status = specifier(at);
    }
  }
  return status;
}

// Takes width, precision and array size in this order. As in C, a negative width means left-justify
// and a negative precision means none. A negative number of elements is an error.
Status Printer::resolve(Specifier& spec) {
  const auto value = [this](const Amount& amount) {
    return amount.kind == Amount::Kind::argument ? arguments_.next<int>() : amount.number;
  };
  const bool block = spec.code == 'b' || spec.code == 'B' || spec.code == 'y';
  if (spec.width.given()) spec.columns = value(spec.width);
  if (spec.precision.given()) spec.digits = std::max(value(spec.precision), -1);
  if (spec.array) {
    if (spec.width_is_array) {
      spec.elements = spec.columns;
      spec.columns = 0;
    } else {
      spec.elements = value(spec.array_size);
    }
    if (spec.elements < 0) return Status::error_inv_fmt;
  }
  if (spec.columns < 0) {
    if (block || spec.columns == std::numeric_limits<int>::min()) return Status::error_inv_fmt;
    spec.left = true;
    spec.columns = -spec.columns;
  }
  return Status::success;
}

Status Printer::specifier(const char*& at) {
  Specifier spec;
  auto status = parse_print_spec(at, spec);
  if (!failed(status)) status = resolve(spec);
  if (failed(status)) return status;
  switch (spec.code) {
    case '%':
      return sink_.put('%');
    case 'c': {
      const char byte = static_cast<char>(arguments_.next<int>());
      return put_text(sink_, spec.field(), {&byte, 1});
    }
    case 's':
      return string(spec);
    case 'p':
      return pointer(spec);
    case 'n':
      return store_count(spec);
    case 'b':
    case 'B':
    case 'y':
      return block(spec);
    case 'f':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
      return floating(spec);
    default:
      return integer(spec);
  }
}

Status Printer::string(const Specifier& spec) {
  const char* const text = arguments_.next<const char*>();
  if (text == nullptr) return Status::error_user_buf;
  const auto size =
      spec.digits < 0 ? std::strlen(text) : ::strnlen(text, static_cast<std::size_t>(spec.digits));
  return put_text(sink_, spec.field(), {text, size});
}

Status Printer::pointer(const Specifier& spec) {
  Specifier hexadecimal = spec;
  hexadecimal.code = 'x';
  hexadecimal.alternate = true;
  return put_integer(hexadecimal, reinterpret_cast<std::uintptr_t>(arguments_.next<void*>()),
                     false);
}

Status Printer::store_count(const Specifier& spec) {
  void* const target = arguments_.next<void*>();
  if (target == nullptr) return Status::error_user_buf;
  const auto store = [&](auto count) { std::memcpy(target, &count, sizeof count); };
  const auto count = sink_.count();
  if (spec.length == Length::h) {
    store(static_cast<std::int16_t>(count));
  } else if (spec.length == Length::ll || (spec.length == Length::l && settings_.long_is_64)) {
    store(static_cast<std::int64_t>(count));
  } else {
    store(static_cast<std::int32_t>(count));
  }
  return Status::success;
}

/// Calls `one(index)` for each element and puts commas between them.
template <class Read>
Status Printer::series(const Specifier& spec, Read&& one) {
  Status status = Status::success;
  for (int i = 0; i < spec.elements && !failed(status); ++i) {
    if (i > 0) status = sink_.put(',');
    if (!failed(status)) status = one(static_cast<std::size_t>(i));
  }
  return status;
}

template <class T>
T element(const void* array, std::size_t index) {
  T value;
  std::memcpy(&value, static_cast<const unsigned char*>(array) + index * sizeof(T), sizeof(T));
  return value;
}

Status Printer::put_integer(const Specifier& spec, std::uint64_t magnitude, bool negative) {
  IntegerStyle style{10, spec.code == 'X', spec.alternate, spec.digits};
  if (spec.code == 'x' || spec.code == 'X') style.base = 16;
  if (spec.code == 'o') style.base = 8;
  std::string_view prefix;
  if (spec.form >= Form::hex) {
    style = {16, true, false, spec.digits == 0 ? 1 : spec.digits};
    prefix = "#H";
    if (spec.form == Form::octal) {
      style.base = 8;
      prefix = "#Q";
    } else if (spec.form == Form::binary) {
      style.base = 2;
      prefix = "#B";
    }
  }
  NumberBuffer buffer;
  auto text = integer_text(magnitude, negative, style, buffer);
  if (!prefix.empty()) text.prefix = prefix;
  auto field = spec.field();
  const bool is_signed = spec.code == 'd' || spec.code == 'i';
  if (!is_signed || !prefix.empty()) field.positive = '\0';
  return put_number(sink_, field, text);
}

Status Printer::integer(const Specifier& spec) {
  const bool is_signed = spec.code == 'd' || spec.code == 'i';
  // In a decimal form a negative value is printed as a number; all others as the bits of their
  // type.
  const auto put = [&](auto value) {
    using Value = decltype(value);
    using Bits = std::make_unsigned_t<Value>;
    const auto bits = static_cast<Bits>(value);
    const bool negative = is_signed && value < 0;
    if (spec.form == Form::nr2 || spec.form == Form::nr3) {
      return put_float(spec, is_signed ? static_cast<double>(value) : static_cast<double>(bits));
    }
    if (!negative || spec.form >= Form::hex) return put_integer(spec, bits, false);
    return put_integer(spec, std::uint64_t{0} - static_cast<std::uint64_t>(value), true);
  };
  const bool is_64 =
      spec.length == Length::ll || (spec.length == Length::l && settings_.long_is_64);
  if (!spec.array) {
    if (is_64) return put(arguments_.next<long long>());
    const int value = arguments_.next<int>();
    if (spec.length == Length::h) return put(static_cast<std::int16_t>(value));
    return put(value);
  }
  const void* const array = arguments_.next<const void*>();
  if (array == nullptr && spec.elements > 0) return Status::error_user_buf;
  return series(spec, [&](std::size_t i) {
    if (is_64) return put(element<long long>(array, i));
    if (spec.length == Length::h) return put(element<std::int16_t>(array, i));
    return put(element<int>(array, i));
  });
}

template <class T>
Status Printer::put_float(const Specifier& spec, T value) {
  FloatStyle style{'f', false, spec.alternate, spec.digits};
  switch (spec.code) {
    case 'E':
    case 'G':
      style.upper = true;
      [[fallthrough]];
    case 'e':
    case 'g':
      style.letter = spec.code == 'e' || spec.code == 'E' ? 'e' : 'g';
      break;
    default:
      break;
  }
  if (spec.form != Form::none) {
    // IEEE 488.2 has no text for infinity and NaN; SCPI gives them numbers.
    if (std::isinf(value)) value = std::copysign(static_cast<T>(9.9e37), value);
    if (std::isnan(value)) value = static_cast<T>(9.91e37);
  }
  switch (spec.form) {
    case Form::none:
      break;
    case Form::nr1:
      value = std::trunc(value) + T{0};  // no "-0"
      style = {'f', false, false, 0};
      break;
    case Form::nr2:
      style = {'f', false, false, spec.digits == 0 ? 1 : spec.digits};
      break;
    case Form::nr3:
      style = {'e', true, false, spec.digits};
      break;
    default: {
      constexpr T kEdge = static_cast<T>(9223372036854775808.0);
      const auto whole = value >= kEdge    ? std::numeric_limits<std::int64_t>::max()
                         : value <= -kEdge ? std::numeric_limits<std::int64_t>::min()
                                           : static_cast<std::int64_t>(value);
      return put_integer(spec, static_cast<std::uint64_t>(whole), false);
    }
  }
  NumberBuffer buffer;
  return put_number(sink_, spec.field(), float_text(value, style, buffer));
}

Status Printer::floating(const Specifier& spec) {
  const bool wide = spec.length == Length::L && settings_.long_double;
  if (!spec.array) {
    return wide ? put_float(spec, arguments_.next<long double>())
                : put_float(spec, arguments_.next<double>());
  }
  const void* const array = arguments_.next<const void*>();
  if (array == nullptr && spec.elements > 0) return Status::error_user_buf;
  return series(spec, [&](std::size_t i) {
    return wide ? put_float(spec, element<long double>(array, i))
                : put_float(spec, element<double>(array, i));
  });
}

std::size_t element_size(Length length) {
  switch (length) {
    case Length::h:
      return 2;
    case Length::l:
    case Length::z:
      return 4;
    case Length::ll:
    case Length::Z:
      return 8;
    default:
      return 1;
  }
}

// IEEE 488.2 7.7.6: the length has at most nine digits.
Status Printer::block(const Specifier& spec) {
  const void* const data = arguments_.next<const void*>();
  if (data == nullptr && spec.columns > 0) return Status::error_user_buf;
  const auto size = static_cast<std::size_t>(spec.columns) * element_size(spec.length);
  Status status = Status::success;
  if (spec.code == 'b') {
    if (size > 999'999'999) return Status::error_nsup_fmt;
    NumberBuffer buffer;
    const auto text = integer_text(size, false, {}, buffer).digits;
    const char head[] = {'#', static_cast<char>('0' + text.size())};
    status = sink_.put(std::string_view(head, sizeof head));
    if (!failed(status)) status = sink_.put(text);
  } else if (spec.code == 'B') {
    status = sink_.put("#0");
  }
  if (!failed(status)) status = elements(spec, data, size);
  if (!failed(status) && spec.code == 'B') status = message_end();
  return status;
}

Status Printer::elements(const Specifier& spec, const void* data, std::size_t size) {
  const auto* from = static_cast<const char*>(data);
  const auto width = element_size(spec.length);
  if (!needs_reversal(spec.order, width)) return sink_.put(std::string_view(from, size));
  std::array<char, 4096> piece;
  Status status = Status::success;
  while (size > 0 && !failed(status)) {
    const auto now = std::min(size, piece.size());
    reverse_elements(from, piece.data(), now / width, width);
    status = sink_.put(std::string_view(piece.data(), now));
    from += now;
    size -= now;
  }
  return status;
}

}  // namespace

Status check_print_format(const char* format) {
  if (format == nullptr) return Status::error_inv_fmt;
  for (const char* at = std::strchr(format, '%'); at != nullptr; at = std::strchr(at, '%')) {
    PrintSpec spec;
    const auto status = parse_print_spec(++at, spec);
    if (failed(status)) return status;
  }
  return Status::success;
}

Status print(const char* format, ArgumentList& arguments, ByteSink& sink,
             const FormatSettings& settings) {
  const auto status = check_print_format(format);
  return failed(status) ? status : Printer(arguments, sink, settings).run(format);
}

}  // namespace visa::format
