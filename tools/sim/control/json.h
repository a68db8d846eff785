// SPDX-License-Identifier: MIT
// Reads and writes the JSON (RFC 8259) of the control socket with nlohmann-json, strictly and
// within bounds, whatever comes. The library's header takes seconds to compile: include this one in
// sources that handle JSON, never in a header. Values; any thread.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace visa::sim {

/// A JSON value; the members of an object stay in the order of the text.
using Json = nlohmann::ordered_json;

/// How many arrays and objects may stand in one another.
inline constexpr int kMostJsonDepth = 16;

struct JsonReading {
  Json value;
  /// Empty, or what was expected and at which byte, counted from 1: "expected ':' at byte 6".
  std::string fault;
};

/// Reads one value that takes all of `text`. Everything else is a fault: values nested deeper than
/// kMostJsonDepth, a key that an object has twice, numbers no double can hold, and bytes that are
/// not UTF-8, too. Throws nothing but std::bad_alloc.
JsonReading parse_json(std::string_view text);

/// `json` in one line, without blanks. Bytes that are not UTF-8, as in a name cut in the middle of
/// a character, become U+FFFD.
std::string json_text(const Json& json);

}  // namespace visa::sim
