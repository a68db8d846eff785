// SPDX-License-Identifier: MIT
// A scan with its arguments written out, and the sizes of pieces that its tests read in.
#pragma once

#include <cstdarg>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

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

// Runs `example` on `message`, which ends with END, and holds what is left against `rest`.
inline void example(const char* message, const char* rest,
                    const std::function<Status(ByteSource&)>& call) {
  for (const std::size_t piece : kPieces) {
    SCOPED_TRACE("pieces of " + std::to_string(piece) + ": " + message);
    PieceSource source(message, piece);
    EXPECT_EQ(call(source), Status::success);
    EXPECT_EQ(source.rest(), rest);
    EXPECT_EQ(source.over(), *rest == '\0');
  }
}

}  // namespace visa::format
