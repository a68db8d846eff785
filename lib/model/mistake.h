// SPDX-License-Identifier: MIT
// Why a parser refuses a text (a resource name, a search expression), for the user's message. The
// parser fills it in once, at the first part that is wrong. A value type, pure functions: any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace visa::model {

struct Mistake {
  std::string_view
      found;  // a part of the text; empty: the text ends there, or something is missing there
  std::string_view expected;  // a literal
};

/// The longest text that `describe` makes: together with the name of the status it fits the 256
/// bytes of viStatusDesc.
inline constexpr std::size_t kMostMistakeText = 230;

/// "expected '::' before the resource class, found ':SOCKET' at character 22", in ASCII. Characters
/// count from 1. `text` is the one that `mistake.found` is a part of.
std::string explain(std::string_view text, const Mistake& mistake);

/// The same, preceded by the text in quotes. A long text is shortened, but never around the
/// mistake.
std::string describe(std::string_view text, const Mistake& mistake);

}  // namespace visa::model
