// SPDX-License-Identifier: MIT
// Escapes written in a format as a backslash and further characters, for languages whose compiler
// does not translate them: \n \r \t \" \\ \ddd (1 to 3 octal digits) \xHH (1 or 2 hex digits).
// Pure.
#pragma once

namespace visa::format {

struct Escape {
  unsigned char byte = '\\';
  bool newline = false;  // \n, which carries END; \012 does not
  int length = 1;        // characters of the format, the backslash included
};

/// `at` points to a backslash of a NUL-terminated format. A backslash that begins no escape stands
/// for itself (length 1).
Escape escape_at(const char* at);

}  // namespace visa::format
