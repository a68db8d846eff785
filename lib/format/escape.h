// SPDX-License-Identifier: MIT
// Escapes spelled in a format: a backslash and what it stands for, for callers whose compiler did
// not translate them: \n \r \t \" \\ \ddd (1 to 3 octal digits) \xHH (1 or 2 hex digits). Pure.
#pragma once

namespace visa::format {

struct Escape {
  unsigned char byte = '\\';
  bool newline = false;  // \n, and not \012: the one that carries END
  int length = 1;        // characters of the format, the backslash included
};

/// `at` is at a backslash of a NUL-terminated format. What stands for nothing is a backslash by
/// itself (length 1).
Escape escape_at(const char* at);

}  // namespace visa::format
