// SPDX-License-Identifier: MIT
// What must be kept away from toml++ 3.3, because its answer would be a crash or undefined
// behaviour instead of an error. Pure: any thread.
#pragma once

#include <optional>
#include <string_view>

#include "lib/toml/toml_tree.h"

namespace visa::tomlio {

struct TextFault {
  Place place;
  std::string_view reason;
};

/// The first place where `text` would harm the parser:
/// - a key of more than 32 parts: tables are destroyed recursively, and 10^5 levels overflow the
/// stack;
/// - a byte above 7Fh outside strings and comments, which is no TOML: for U+00A1 to U+0499 the
/// parser's
///   test for white space runs into __builtin_unreachable;
/// - a string that does not end, or stands where none can: whatever follows could then be either.
/// Nothing: the text is harmless, and TOML or not for the parser to say.
std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace visa::tomlio
