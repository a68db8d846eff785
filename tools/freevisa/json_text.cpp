// SPDX-License-Identifier: MIT
// Numbers are written by std::to_chars: the shortest text that is read back as the same number,
// whatever the locale.
#include "tools/freevisa/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

std::string escaped(std::string_view character) {
  if (character == "\"" || character == "\\") return "\\" + std::string(character);
  if (character == "\n") return "\\n";
  if (character == "\r") return "\\r";
  if (character == "\t") return "\\t";
  const auto first = static_cast<unsigned char>(character[0]);
  if (first >= 0x20 && first != 0x7F) return std::string(character);
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned>(first));
  return code.data();
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    result += length > 0 ? escaped(text.substr(0, length)) : "\xEF\xBF\xBD";
    text.remove_prefix(length > 0 ? length : 1);
  }
  return result + "\"";
}

std::string json_number(double number) {
  if (!std::isfinite(number)) return "null";
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), written.ptr};
}

std::string base64(std::string_view data) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = 0; at < data.size(); at += 3) {
    const std::string_view group = data.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      result += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return result;
}

JsonObject& JsonObject::value(std::string_view key, std::string_view json) {
  if (!members_.empty()) members_ += ',';
  members_ += json_string(key) + ":" + std::string(json);
  return *this;
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  return this->value(key, json_string(value));
}

JsonObject& JsonObject::number(std::string_view key, double value) {
  return this->value(key, json_number(value));
}

JsonObject& JsonObject::integer(std::string_view key, std::int64_t value) {
  return this->value(key, std::to_string(value));
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
  return this->value(key, value ? "true" : "false");
}

std::string json_array(const std::vector<std::string>& values) {
  std::string result = "[";
  for (const std::string& value : values) result += (result.size() > 1 ? "," : "") + value;
  return result + "]";
}

}  // namespace visa::tool
