// SPDX-License-Identifier: MIT
// Finds the texts that toml++ 3.3 must not get, because it would crash or behave in undefined ways
// instead of reporting an error. A pure function: any thread.
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
/// - a key of more than 32 parts: the parser destroys tables recursively, and 10^5 levels overflow
///   the stack;
/// - a byte above 7Fh outside strings and comments, which TOML does not allow: for U+00A1 to U+0499
///   the parser's test for white space runs into __builtin_unreachable;
/// - a string that does not end, or stands where none is allowed: the rest could then be inside or
///   outside of it.
/// Nothing when the text is harmless; the parser then decides whether it is TOML.
std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace visa::tomlio
