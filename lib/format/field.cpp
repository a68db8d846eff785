// SPDX-License-Identifier: MIT
// Invariant: padding is put in pieces of fixed size, so that a large width takes no memory.
#include "lib/format/field.h"

#include <algorithm>
#include <array>

namespace visa::format {
namespace {

Status fill(ByteSink& sink, char byte, std::size_t count) {
  std::array<char, 64> piece;
  piece.fill(byte);
  Status status = Status::success;
  while (count > 0 && !failed(status)) {
    const auto now = std::min(count, piece.size());
    status = sink.put(std::string_view(piece.data(), now));
    count -= now;
  }
  return status;
}

/// Puts a number that fits the array, as nearly all do, in one piece.
Status put_short(ByteSink& sink, const NumberText& text) {
  std::array<char, 128> whole;
  char* end = whole.data();
  const auto append = [&end](std::string_view part) {
    end = std::copy(part.begin(), part.end(), end);
  };
  if (text.sign != '\0') *end++ = text.sign;
  append(text.prefix);
  end = std::fill_n(end, text.zeros, '0');
  append(text.digits);
  end = std::fill_n(end, text.more_zeros, '0');
  append(text.tail);
  return sink.put(std::string_view(whole.data(), static_cast<std::size_t>(end - whole.data())));
}

Status put_long(ByteSink& sink, const NumberText& text) {
  Status status = Status::success;
  if (text.sign != '\0') status = sink.put(text.sign);
  if (!failed(status)) status = sink.put(text.prefix);
  if (!failed(status)) status = fill(sink, '0', text.zeros);
  if (!failed(status)) status = sink.put(text.digits);
  if (!failed(status)) status = fill(sink, '0', text.more_zeros);
  return failed(status) ? status : sink.put(text.tail);
}

}  // namespace

Status put_text(ByteSink& sink, const Field& field, std::string_view text) {
  const auto padding = field.columns > text.size() ? field.columns - text.size() : 0;
  Status status = field.left ? Status::success : fill(sink, ' ', padding);
  if (!failed(status)) status = sink.put(text);
  if (!failed(status) && field.left) status = fill(sink, ' ', padding);
  return status;
}

Status put_number(ByteSink& sink, const Field& field, NumberText text) {
  if (text.sign == '\0') text.sign = field.positive;
  auto padding = field.columns > text.size() ? field.columns - text.size() : 0;
  if (field.zero && !field.left && text.zero_fill) {
    text.zeros += padding;
    padding = 0;
  }
  if (padding == 0 && text.size() <= 128) return put_short(sink, text);
  Status status = field.left ? Status::success : fill(sink, ' ', padding);
  if (!failed(status)) status = put_long(sink, text);
  if (!failed(status) && field.left) status = fill(sink, ' ', padding);
  return status;
}

}  // namespace visa::format
