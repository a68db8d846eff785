// SPDX-License-Identifier: MIT
// A text with a NUL inside is no setting: drivers hand texts to functions of C.
#include "lib/config/setting_values.h"

#include <string>
#include <utility>

namespace visa::config {

std::optional<spi::Setting> read_setting(const tomlio::Entry& entry, std::string_view file) {
  std::optional<spi::Setting> setting;
  const auto& node = entry.value;
  if (const auto* flag = node.get<bool>()) {
    setting.emplace(*flag);
  } else if (const auto* integer = node.get<std::int64_t>()) {
    setting.emplace(*integer);
  } else if (const auto* number = node.get<double>()) {
    setting.emplace(*number);
  } else if (const auto* text = node.get<std::string>();
             text != nullptr && text->find('\0') == std::string::npos) {
    setting.emplace(*text);
  }
  if (setting) setting->origin = std::string(file) + ":" + std::to_string(entry.place.line);
  return setting;
}

spi::Settings read_setting_table(const tomlio::Table& table, std::string_view without,
                                 std::string_view file, ProblemLog& problems) {
  spi::Settings settings;
  for (const tomlio::Entry& entry : table) {
    if (entry.key == without) continue;
    if (auto setting = read_setting(entry, file)) {
      settings.emplace(entry.key, *std::move(setting));
    } else {
      problems.wrong_value(entry, "true, false, a number or a string");
    }
  }
  return settings;
}

}  // namespace visa::config
