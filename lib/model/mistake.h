// SPDX-License-Identifier: MIT
// Why a text (a resource name, a search expression) is refused, for the user's message. A parser
// fills it in once, at the first part that does not fit. A value type, pure functions: any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace visa::model {

struct Mistake {
  std::string_view
      found;  // a part of the text; empty: the text ends there, or nothing stands there
  std::string_view expected;  // "a port from 1 to 65535"; text of the program, never freed
};

/// The longest text `describe` makes: with the name of the status before it, it fits the 256 bytes
/// of viStatusDesc.
inline constexpr std::size_t kMostMistakeText = 230;

/// "expected '::' before the resource class, found ':SOCKET' at character 22", in ASCII. Characters
/// count from 1. `text` is the one that `mistake.found` is a part of.
std::string explain(std::string_view text, const Mistake& mistake);

/// The same after the text in quotes, which is shortened where it is long, but never around the
/// mistake.
std::string describe(std::string_view text, const Mistake& mistake);

}  // namespace visa::model
