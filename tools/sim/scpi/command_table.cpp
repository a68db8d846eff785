// SPDX-License-Identifier: MIT
// SCPI-99 volume 1 6.2: a node is sent in its short or its long form and nothing in between; nodes
// in brackets may be left out.
#include "tools/sim/scpi/command_table.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace visa::sim {
namespace {

bool is_letter(char c) noexcept {
  return upper(c) >= 'A' && upper(c) <= 'Z';
}
bool is_word(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}
std::uint32_t initial(std::string_view word) noexcept {
  return !word.empty() && is_letter(word.front()) ? 1U << (upper(word.front()) - 'A') : 0;
}
std::size_t kind_of(bool common, bool query) noexcept {
  return (common ? 2U : 0U) + (query ? 1U : 0U);
}

}  // namespace

std::string CommandTable::pattern_fault(std::string_view pattern) {
  if (pattern.ends_with('?')) pattern.remove_suffix(1);
  const bool common = pattern.starts_with('*');
  if (common) pattern.remove_prefix(1);
  std::size_t nodes = 0;
  bool inside = false;
  bool required = false;
  bool word = false;   // the node has begun
  bool ended = false;  // by '#'
  for (const char c : pattern) {
    if (is_word(c)) {
      if (!word && !is_letter(c)) return "expected a letter at the beginning of a word";
      if (ended) return "expected ':' or '[' after '#'";
      nodes += word ? 0 : 1;
      required = required || !inside;
      word = true;
      continue;
    }
    if (common || (c != ':' && c != '[' && c != ']' && c != '#')) {
      return "expected letters, digits, '_', ':', '#', '[' and ']', a '*' only in front and a '?' "
             "only "
             "at the end";
    }
    if ((c == '[' && inside) || (c == ']' && !inside) || (c == '#' && (!word || ended))) {
      return "expected '[' and ']' in pairs and '#' after a word";
    }
    if (c == '#') {
      ended = true;
      continue;
    }
    inside = c == '[' || (inside && c != ']');
    word = false;
    ended = false;
  }
  if (inside || !required) return inside ? "expected ']'" : "expected a word outside of brackets";
  return nodes > kMaxNodes ? "expected at most 12 words" : "";
}

void CommandTable::add(std::string_view pattern, Handler handler, std::size_t least_arguments,
                       std::size_t most_arguments) {
  Row row;
  row.entry = {std::move(handler), least_arguments, std::max(least_arguments, most_arguments)};
  const bool query = pattern.ends_with('?');
  if (query) pattern.remove_suffix(1);
  const bool common = pattern.starts_with('*');
  if (common) pattern.remove_prefix(1);
  row.nodes = nodes_of(pattern);
  for (const Node& one : row.nodes) {
    row.initials |= initial(one.long_form);
    if (!one.optional) break;
  }
  rows_[kind_of(common, query)].push_back(std::move(row));
}

// Brackets and colons end a node; what stands in brackets is optional.
std::vector<CommandTable::Node> CommandTable::nodes_of(std::string_view pattern) {
  std::vector<Node> nodes;
  Node node;
  bool optional = false;
  for (const char c : pattern) {
    if (c == '#') {
      node.suffix = true;
      continue;
    }
    if (c != '[' && c != ']' && c != ':') {
      node.optional = optional;
      node.long_form += upper(c);
      if (c == upper(c)) node.short_form += c;
      continue;
    }
    if (!node.long_form.empty()) {
      nodes.push_back(std::exchange(node, {}));
    }
    if (c != ':') optional = c == '[';
  }
  if (!node.long_form.empty()) nodes.push_back(std::move(node));
  return nodes;
}

bool CommandTable::matches_node(const Node& node, std::string_view text, int& suffix) {
  suffix = 1;
  if (equal_ignoring_case(text, node.long_form) || equal_ignoring_case(text, node.short_form)) {
    return true;
  }
  if (!node.suffix) return false;
  const std::size_t letters = text.find_last_not_of("0123456789") + 1;
  const std::string_view digits = text.substr(letters);
  text = text.substr(0, letters);
  if (digits.empty() ||
      (!equal_ignoring_case(text, node.long_form) && !equal_ignoring_case(text, node.short_form))) {
    return false;
  }
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), suffix);
  if (code != std::errc()) {
    suffix = -1;  // larger than any suffix there is: the handler refuses it as out of range
  }
  return true;
}

// One level of the recursion for each node of the row.
bool CommandTable::matches(const Row& row, std::size_t node, const Unit& unit, std::size_t at,
                           Suffixes& suffixes, std::size_t suffix_count) {
  if (node == row.nodes.size()) return at == unit.node_count;
  const Node& wanted = row.nodes[node];
  int suffix = 1;
  if (at < unit.node_count && matches_node(wanted, unit.nodes[at], suffix)) {
    std::size_t taken = suffix_count;
    if (wanted.suffix && taken < kMaxSuffixes) suffixes[taken++] = suffix;
    if (matches(row, node + 1, unit, at + 1, suffixes, taken)) return true;
  }
  if (!wanted.optional) return false;
  std::size_t taken = suffix_count;
  if (wanted.suffix && taken < kMaxSuffixes) suffixes[taken++] = 1;
  return matches(row, node + 1, unit, at, suffixes, taken);
}

const CommandTable::Entry* CommandTable::find(const Unit& unit, Suffixes& suffixes) const {
  const auto& rows = rows_[kind_of(unit.common, unit.query)];
  const std::uint32_t letter = initial(unit.nodes[0]);
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    if ((row->initials & letter) != 0 && matches(*row, 0, unit, 0, suffixes, 0)) return &row->entry;
  }
  return nullptr;
}

}  // namespace visa::sim
