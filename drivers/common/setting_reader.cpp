// SPDX-License-Identifier: MIT
// Invariant: a value is assigned only if its type and range are right, and call_.detail describes
// the first value that was not.
#include "drivers/common/setting_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "lib/model/ascii.h"

namespace visa::drivers {

/// Null if the key is missing or its value has another type; refuses the latter.
template <class T>
const T* SettingReader::find(std::string_view key, const std::string& wanted) {
  const auto at = settings_.find(key);
  if (at == settings_.end()) return nullptr;
  const auto* held = std::get_if<T>(&at->second);
  if (held == nullptr) refuse(key, wanted);
  return held;
}

void SettingReader::number(std::string_view key, std::int64_t low, std::int64_t high, int& value) {
  const auto wanted = "a number from " + std::to_string(low) + " to " + std::to_string(high);
  const auto* held = find<std::int64_t>(key, wanted);
  if (held == nullptr) return;
  if (*held < low || *held > high) return refuse(key, wanted);
  value = static_cast<int>(*held);
}

void SettingReader::flag(std::string_view key, bool& value) {
  if (const auto* held = find<bool>(key, "true or false")) value = *held;
}

void SettingReader::text(std::string_view key, std::string& value) {
  if (const auto* held = find<std::string>(key, "a text in quotes")) value = *held;
}

void SettingReader::choice(std::string_view key, std::span<const std::string_view> choices,
                           int& value) {
  std::string wanted = "one of ";
  for (const auto choice : choices) {
    if (choice != choices.front()) wanted += ", ";
    wanted.append("\"").append(choice).append("\"");
  }
  const auto* held = find<std::string>(key, wanted);
  if (held == nullptr) return;
  const auto at = std::find_if(choices.begin(), choices.end(), [&](std::string_view choice) {
    return model::equal_without_case(choice, *held);
  });
  if (at == choices.end()) return refuse(key, wanted);
  value = static_cast<int>(at - choices.begin());
}

void SettingReader::duration(std::string_view key, std::chrono::milliseconds low,
                             std::chrono::milliseconds high, std::chrono::milliseconds& value) {
  const auto at = settings_.find(key);
  if (at == settings_.end()) return;
  const bool seconds = !key.ends_with("_ms");
  const std::int64_t unit = seconds ? 1000 : 1;
  std::optional<double> held;
  if (const auto* whole = std::get_if<std::int64_t>(&at->second)) {
    held = static_cast<double>(*whole);
  } else if (const auto* fraction = std::get_if<double>(&at->second)) {
    held = *fraction;
  }
  const double time = held ? *held * static_cast<double>(unit) : -1;
  // Both comparisons are false for "not a number", which is refused.
  const bool inside =
      held && time >= static_cast<double>(low.count()) && time <= static_cast<double>(high.count());
  if (inside) {
    value = std::chrono::milliseconds(std::llround(time));
    return;
  }
  refuse(key, std::string("a time from ") + std::to_string(low.count() / unit) + " to " +
                  std::to_string(high.count() / unit) + (seconds ? " seconds" : " milliseconds"));
}

void SettingReader::refuse(std::string_view key, const std::string& wanted) {
  if (failed(status_)) return;  // the first one is reported
  std::string text = "setting ";
  text.append(key).append(": ").append(wanted).append(" is wanted; correct ");
  const auto at = settings_.find(key);
  const bool placed = at != settings_.end() && !at->second.origin.empty();
  text += placed ? at->second.origin : "the configuration";
  status_ = call_.fail(Status::error_inv_setup, text);
}

}  // namespace visa::drivers
