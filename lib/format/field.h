// SPDX-License-Identifier: MIT
// A field of printed text: its columns and where the text stands in them. It never allocates, for
// any width: padding goes out in pieces. Used by the thread of the call.
#pragma once

#include <cstddef>
#include <string_view>

#include "lib/base/status.h"
#include "lib/format/byte_sink.h"
#include "lib/format/number_text.h"

namespace visa::format {

struct Field {
  std::size_t columns = 0;
  bool left = false;
  bool zero = false;     // numbers: filled with zeros after the sign
  char positive = '\0';  // numbers: printed before those that are not negative
};

Status put_text(ByteSink& sink, const Field& field, std::string_view text);
Status put_number(ByteSink& sink, const Field& field, NumberText text);

}  // namespace visa::format
