// SPDX-License-Identifier: MIT
// What is refused names the key and what was expected.
#include "tools/sim/control/control_request.h"

#include <algorithm>
#include <cmath>

namespace visa::sim {
namespace {

/// The number of `json`, which may be written as 3, 3.0 or 3e0, if it is whole and in the range.
/// `most` is at most kMostCount, so that a double has it exactly.
std::optional<std::uint64_t> whole(const Json& json, std::uint64_t least, std::uint64_t most) {
  if (!json.is_number()) return std::nullopt;
  const double number = json.get<double>();
  if (number < static_cast<double>(least) || number > static_cast<double>(most) ||
      std::floor(number) != number)
    return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

}  // namespace

const std::string* Request::text(std::string_view key) {
  const Json* const value = take(key);
  if (value == nullptr) return nullptr;
  if (!value->is_string()) throw Refusal{std::string(key) + ": expected a string"};
  return value->get_ptr<const std::string*>();
}

std::optional<std::uint64_t> Request::number(std::string_view key, std::uint64_t least,
                                             std::uint64_t most) {
  const Json* const value = take(key);
  if (value == nullptr) return std::nullopt;
  const auto number = whole(*value, least, most);
  if (!number)
    throw Refusal{std::string(key) + ": expected a whole number from " + std::to_string(least) +
                  " to " + std::to_string(most)};
  return number;
}

bool Request::boolean(std::string_view key, bool preset) {
  const Json* const value = take(key);
  if (value == nullptr) return preset;
  if (!value->is_boolean()) throw Refusal{std::string(key) + ": expected true or false"};
  return value->get<bool>();
}

void Request::finish() const {
  for (const auto& [name, value] : json_.items()) {
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    std::string known;
    for (const std::string& key : asked_) known += (known.empty() ? "" : ", ") + key;
    throw Refusal{"unknown key '" + name.substr(0, 60) + "', expected " + known};
  }
}

const Json* Request::take(std::string_view key) {
  asked_.emplace_back(key);
  const auto found = json_.find(asked_.back());
  return found != json_.end() ? &*found : nullptr;
}

std::string bytes_of_text(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool two = (byte == 0xC2 || byte == 0xC3) && i + 1 < text.size();
    if (byte >= 0x80 && !two) throw Refusal{"text: expected characters up to \\u00ff"};
    result += two ? static_cast<char>((byte & 3U) << 6U |
                                      (static_cast<unsigned char>(text[i + 1]) & 0x3FU))
                  : static_cast<char>(byte);
    i += two ? 1 : 0;
  }
  return result;
}

std::string text_of_bytes(std::string_view bytes) {
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0U | byte >> 6U);
      result += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return result;
}

}  // namespace visa::sim
