// SPDX-License-Identifier: MIT
// A TOML document (the configuration, an instrument file of the bench) as plain values with their
// places in the text, so that no other file sees the TOML library. Value types and a pure function:
// any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace visa::tomlio {

/// Where in the text; lines and columns count from 1, 0 is "the file as a whole".
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Entry;
using Table = std::vector<Entry>;  // in the order of the text

struct Node {
  /// Dates and times, which no file of FreeVISA uses.
  struct Other {};
  Place place;
  std::variant<Other, bool, std::int64_t, double, std::string, std::vector<Node>, Table> value;

  template <class T>
  const T* get() const noexcept {
    return std::get_if<T>(&value);
  }
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node value;
};

struct TomlDocument {
  Table root;
  bool good = true;   // false: not TOML; `root` is empty, the next two say why
  std::string error;  // what is wrong, in one line
  Place error_place;
};

/// Parses `text`, which may be anything. Besides text that is not TOML it refuses values nested
/// deeper than 16 and keys of more than 32 parts, because depth costs stack.
TomlDocument parse_toml(std::string_view text);

}  // namespace visa::tomlio
