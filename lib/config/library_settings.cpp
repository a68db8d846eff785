// SPDX-License-Identifier: MIT
// Invariant of the result: every value is in its range.
#include "lib/config/library_settings.h"

#include <optional>
#include <string>

#include "lib/config/setting_values.h"

namespace visa::config {
namespace {

using tomlio::Entry;
using tomlio::Table;

struct Row {
  enum class Takes { flag, range, either };  // true or false; low to high; low or high
  std::string_view key;
  Takes takes;
  std::int64_t low = 0;
  std::int64_t high = 1;
  std::int64_t Settings::*number = nullptr;
  bool Settings::*flag = nullptr;
  std::string_view lan_key = {};  // of [finder.lan], where that is its home
};

using Takes = Row::Takes;
constexpr Row kRows[] = {
    {"abort_on_signal", Takes::flag, 0, 1, nullptr, &Settings::abort_on_signal},
    {"connect_timeout_ms", Takes::range, 1, 600'000, &Settings::connect_timeout_ms},
    {"find_timeout_ms", Takes::range, 50, 60'000, &Settings::find_timeout_ms},
    {"formatted_long", Takes::either, 32, 64, &Settings::formatted_long},
    {"formatted_long_double", Takes::flag, 0, 1, nullptr, &Settings::formatted_long_double},
    {"lan_cache_s", Takes::range, 0, 3600, nullptr, nullptr, "cache_s"},
    {"lan_discovery", Takes::flag, 0, 1, nullptr, nullptr, "search"},
};

const Row* find_row(std::string_view key) {
  for (const Row& row : kRows) {
    if (row.key == key) return &row;
  }
  return nullptr;
}

std::string all_keys() {
  std::string names;
  for (const Row& row : kRows) names += (names.empty() ? "" : ", ") + std::string(row.key);
  return names;
}

std::string expected(const Row& row) {
  if (row.takes == Takes::flag) return "true or false";
  return "a whole number, " + std::to_string(row.low) +
         (row.takes == Takes::either ? " or " : " to ") + std::to_string(row.high);
}

std::optional<std::int64_t> value_of(const Row& row, const tomlio::Node& node) {
  if (row.takes == Takes::flag) {
    const bool* flag = node.get<bool>();
    return flag != nullptr ? std::optional<std::int64_t>(*flag) : std::nullopt;
  }
  const auto* number = node.get<std::int64_t>();
  if (number == nullptr) return {};
  const bool good = row.takes == Takes::either ? *number == row.low || *number == row.high
                                               : *number >= row.low && *number <= row.high;
  return good ? std::optional(*number) : std::nullopt;
}

}  // namespace

SettingsTable read_library_settings(const Entry& section, std::string_view file,
                                    ProblemLog& problems) {
  SettingsTable result;
  const auto* table = section.value.get<Table>();
  if (table == nullptr) {
    problems.wrong_value(section, "a table, [settings]");
    return result;
  }
  for (const Entry& entry : *table) {
    const Row* row = find_row(entry.key);
    if (row == nullptr) {
      problems.unknown_key(entry, "[settings]", all_keys());
      continue;
    }
    const auto value = value_of(*row, entry.value);
    if (!value) {
      problems.wrong_value(entry, expected(*row));
    } else if (!row->lan_key.empty()) {
      if (auto setting = read_setting(entry, file)) {
        result.lan.emplace(row->lan_key, *std::move(setting));
      }
    } else {
      result.library.push_back({row->number, row->flag, *value});
    }
  }
  return result;
}

std::vector<std::string_view> library_setting_keys() {
  std::vector<std::string_view> keys;
  for (const Row& row : kRows) keys.push_back(row.key);
  return keys;
}

}  // namespace visa::config
