// SPDX-License-Identifier: MIT
// JSON (RFC 8259) for the control socket: strict, and bounded whatever comes. Values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace visa::sim {

struct Json;
struct JsonMember;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<JsonMember>;  // in the order of the text

struct Json {
  std::variant<std::nullptr_t, bool, double, std::string, JsonArray, JsonObject> value;

  template <class T>
  const T* get() const noexcept {
    return std::get_if<T>(&value);
  }
  // Of an object; null if it is none or has no such key.
  const Json* find(std::string_view key) const noexcept;
  // As JSON, without any blank. Bytes of strings beyond ASCII stay as they are.
  std::string text() const;
};

struct JsonMember {
  std::string first;
  Json second;
};

// Reads one value that takes all of `text`. False, with `fault` saying what was expected and where,
// for anything else: values nested deeper than kMostJsonDepth and keys that come twice, too.
inline constexpr int kMostJsonDepth = 16;
bool parse_json(std::string_view text, Json& result, std::string& fault);

}  // namespace visa::sim
