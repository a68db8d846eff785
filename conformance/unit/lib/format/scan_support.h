// SPDX-License-Identifier: MIT
// A scan with its arguments written out, and the sizes of pieces that its tests read in.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstring>

#include <gtest/gtest.h>
#include "conformance/unit/lib/format/piece_source.h"
#include "lib/format/scan_engine.h"

namespace visa::format {

inline FormatSettings scan_settings;

inline Status scan_from(ByteSource& source, const char* format, ...) {
  std::va_list list;
  va_start(list, format);
  ArgumentList arguments(list);
  va_end(list);
  return scan(format, arguments, source, scan_settings);
}

/// The sizes of pieces that every example is read in.
inline constexpr std::size_t kPieces[] = {4096, 1, 2, 3, 7};

}  // namespace visa::format
