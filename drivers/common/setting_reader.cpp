// SPDX-License-Identifier: MIT
#include "drivers/common/setting_reader.h"

#include <variant>

namespace visa::drivers {

void SettingReader::number(std::string_view key, std::int64_t low, std::int64_t high, int& value) {
  const auto at = settings_.find(key);
  if (at == settings_.end()) return;
  const auto* held = std::get_if<std::int64_t>(&at->second);
  if (held != nullptr && *held >= low && *held <= high) {
    value = static_cast<int>(*held);
    return;
  }
  refuse(key, "a number from " + std::to_string(low) + " to " + std::to_string(high));
}

void SettingReader::flag(std::string_view key, bool& value) {
  const auto at = settings_.find(key);
  if (at == settings_.end()) return;
  if (const auto* held = std::get_if<bool>(&at->second)) {
    value = *held;
    return;
  }
  refuse(key, "true or false");
}

void SettingReader::refuse(std::string_view key, const std::string& wanted) {
  std::string text = "transport setting ";
  text.append(key).append(": ").append(wanted).append(" is wanted; correct the configuration");
  status_ = call_.fail(Status::error_inv_setup, text);
}

}  // namespace visa::drivers
