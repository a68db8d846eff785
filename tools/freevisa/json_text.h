// SPDX-License-Identifier: MIT
// Writes the JSON (RFC 8259) of --json. Writing needs no library: what the command writes are flat
// objects, one a line. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

/// `text` with quotation marks. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);
/// A number as JSON has it; what JSON cannot say (infinity, NaN) is null.
std::string json_number(double number);
/// `data` as base64 (RFC 4648), without quotation marks.
std::string base64(std::string_view data);

/// An object whose members stand in the order they are added.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, double value);
  JsonObject& integer(std::string_view key, std::int64_t value);
  JsonObject& boolean(std::string_view key, bool value);
  /// `json` is JSON already.
  JsonObject& value(std::string_view key, std::string_view json);
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// `values` are JSON already.
std::string json_array(const std::vector<std::string>& values);

}  // namespace visa::tool
