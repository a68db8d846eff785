// SPDX-License-Identifier: MIT
// Mistakes are kept in the order of the file; a key that was asked for is known, whatever it holds.
#include "tools/sim/tables/table_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace visa::sim {
namespace {

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", value);
  return text.data();
}

std::optional<double> as_number(const Node& node) {
  if (const auto* const integer = node.get<std::int64_t>()) return static_cast<double>(*integer);
  if (const auto* const number = node.get<double>(); number != nullptr && std::isfinite(*number)) {
    return *number;
  }
  return std::nullopt;
}

}  // namespace

std::string cited(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string result = "'";
  for (const char c : text.substr(0, kLongest)) {
    result += static_cast<unsigned char>(c) < ' ' ? '.' : c;
  }
  return result + (text.size() > kLongest ? "...'" : "'");
}

void Mistakes::add(Place place, const std::string& text) {
  const bool known = std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
    return line.place == place && line.text == text;
  });
  if (!known && lines_.size() < kMost) {
    lines_.push_back({place, text});
  }
}

std::string Mistakes::text() const {
  std::vector<Line> sorted = lines_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Line& a, const Line& b) { return a.place < b.place; });
  std::string text;
  for (const Line& line : sorted) {
    text += text.empty() ? "" : "\n";
    text += file_ + ":";
    if (line.place.line > 0) {
      text += std::to_string(line.place.line) + ":" + std::to_string(line.place.column) + ":";
    }
    text += " " + line.text;
  }
  return text;
}

bool TableReader::has(std::string_view key) const {
  return std::any_of(table_.begin(), table_.end(),
                     [key](const Entry& entry) { return entry.key == key; });
}

Place TableReader::place(std::string_view key) const {
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found != table_.end() ? found->place : place_;
}

void TableReader::mistake(std::string_view key, const std::string& text) {
  mistakes_.add(place(key), what_ + ": " + std::string(key) + ": " + text);
}

const Node* TableReader::any(std::string_view key) {
  asked_.emplace_back(key);
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [key](const Entry& entry) { return entry.key == key; });
  return found != table_.end() ? &found->value : nullptr;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  const Node* const node = any(key);
  if (node == nullptr) return std::nullopt;
  const auto* const text = node->get<std::string>();
  if (text == nullptr) {
    mistake(key, "expected a string");
    return std::nullopt;
  }
  return *text;
}

std::optional<double> TableReader::number(std::string_view key, double least, double most) {
  const Node* const node = any(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<double> value = as_number(*node);
  if (!value) {
    mistake(key, "expected a number");
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    mistake(key, "expected a number from " + short_number(least) + " to " + short_number(most));
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t least,
                                                 std::int64_t most) {
  const Node* const node = any(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->get<std::int64_t>();
  if (value == nullptr || *value < least || *value > most) {
    mistake(key, "expected a whole number from " + std::to_string(least) + " to " +
                     std::to_string(most));
    return std::nullopt;
  }
  return *value;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const Node* const node = any(key);
  if (node == nullptr) return std::nullopt;
  const auto* const value = node->get<bool>();
  if (value == nullptr) {
    mistake(key, "expected true or false");
    return std::nullopt;
  }
  return *value;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  const Node* const node = any(key);
  std::vector<std::string> result;
  if (node == nullptr) return result;
  if (const auto* const text = node->get<std::string>()) {
    result.push_back(*text);
    return result;
  }
  const auto* const list = node->get<std::vector<Node>>();
  bool good = list != nullptr && !list->empty();
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    const auto* const text = (*list)[i].get<std::string>();
    good = text != nullptr;
    if (good) result.push_back(*text);
  }
  if (!good) {
    mistake(key, "expected a string or a list of strings");
    result.clear();
  }
  return result;
}

std::vector<double> TableReader::numbers(std::string_view key) {
  const Node* const node = any(key);
  std::vector<double> result;
  if (node == nullptr) return result;
  if (const auto value = as_number(*node)) {
    result.push_back(*value);
    return result;
  }
  const auto* const list = node->get<std::vector<Node>>();
  bool good = list != nullptr && !list->empty();
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    const auto value = as_number((*list)[i]);
    good = value.has_value();
    if (good) result.push_back(*value);
  }
  if (!good) {
    mistake(key, "expected a number or a list of numbers");
    result.clear();
  }
  return result;
}

std::optional<std::size_t> TableReader::word(std::string_view key,
                                             const std::vector<std::string_view>& words) {
  const std::optional<std::string> given = text(key);
  if (!given) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *given);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string expected;
  for (const std::string_view one : words) {
    expected += expected.empty() ? "" : ", ";
    expected += one;
  }
  mistake(key, "expected one of " + expected + " instead of " + cited(*given));
  return std::nullopt;
}

const Node* TableReader::table(std::string_view key) {
  const Node* const node = any(key);
  if (node != nullptr && node->get<Table>() == nullptr) {
    mistake(key, "expected a table");
    return nullptr;
  }
  return node;
}

std::vector<const Node*> TableReader::tables(std::string_view key) {
  const Node* const node = any(key);
  std::vector<const Node*> result;
  if (node == nullptr) return result;
  const auto* const list = node->get<std::vector<Node>>();
  bool good = list != nullptr;
  for (std::size_t i = 0; good && i < list->size(); ++i) {
    good = (*list)[i].get<Table>() != nullptr;
    result.push_back(&(*list)[i]);
  }
  if (!good) {
    mistake(key, "expected tables: [[" + std::string(key) + "]]");
    result.clear();
  }
  return result;
}

void TableReader::require(std::string_view key, std::string_view expected) {
  if (!has(key)) {
    mistakes_.add(place_, what_ + ": expected " + std::string(key) + " = " + std::string(expected));
  }
}

void TableReader::finish() {
  for (const Entry& entry : table_) {
    if (std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end()) continue;
    std::vector<std::string> known = asked_;
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    std::string list;
    for (const std::string& key : known) list += (list.empty() ? "" : ", ") + key;
    mistakes_.add(entry.place,
                  what_ + ": unknown key " + cited(entry.key) + ", expected one of " + list);
  }
}

}  // namespace visa::sim
