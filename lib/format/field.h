// SPDX-License-Identifier: MIT
// A field of printed text: its columns and where the text stands in them. No width makes it
// allocate: padding goes out in pieces. The thread of the call.
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
  bool zero = false;     // numbers: filled with zeros behind the sign
  char positive = '\0';  // numbers: the sign of those that have none
};

Status put_text(ByteSink& sink, const Field& field, std::string_view text);
Status put_number(ByteSink& sink, const Field& field, NumberText text);

}  // namespace visa::format
