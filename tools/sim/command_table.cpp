// SPDX-License-Identifier: MIT
// SCPI-99 volume 1 6.2: a node is sent in its short or its long form and nothing in between; nodes
// in brackets may be left out.
#include "tools/sim/command_table.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace visa::sim {

void CommandTable::add(std::string_view pattern, Handler handler, std::size_t least_arguments,
                       std::size_t most_arguments) {
  Row row;
  row.entry = {std::move(handler), least_arguments, std::max(least_arguments, most_arguments)};
  if (pattern.ends_with('?')) {
    row.query = true;
    pattern.remove_suffix(1);
  }
  if (pattern.starts_with('*')) {
    row.common = true;
    pattern.remove_prefix(1);
  }
  bool optional = false;
  Node node;
  const auto finish = [&row, &node] {
    if (!node.long_form.empty()) {
      row.nodes.push_back(std::exchange(node, {}));
    }
  };
  for (const char c : pattern) {
    switch (c) {
      case '[':
        finish();
        optional = true;
        break;
      case ']':
        finish();
        optional = false;
        break;
      case ':':
        finish();
        break;
      case '#':
        node.suffix = true;
        break;
      default:
        node.optional = optional;
        node.long_form += upper(c);
        if (c == upper(c)) {
          node.short_form += c;
        }
    }
  }
  finish();
  rows_.push_back(std::move(row));
}

bool CommandTable::matches_node(const Node& node, std::string_view text, int& suffix) {
  suffix = 1;
  if (equal_ignoring_case(text, node.long_form) || equal_ignoring_case(text, node.short_form)) {
    return true;
  }
  if (!node.suffix) {
    return false;
  }
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

bool CommandTable::matches(const Row& row, std::size_t node, const Unit& unit, std::size_t at,
                           Suffixes& suffixes, std::size_t suffix_count) {
  if (node == row.nodes.size()) {
    return at == unit.node_count;
  }
  const Node& wanted = row.nodes[node];
  int suffix = 1;
  if (at < unit.node_count && matches_node(wanted, unit.nodes[at], suffix)) {
    std::size_t taken = suffix_count;
    if (wanted.suffix && taken < kMaxSuffixes) {
      suffixes[taken++] = suffix;
    }
    if (matches(row, node + 1, unit, at + 1, suffixes, taken)) {
      return true;
    }
  }
  if (!wanted.optional) {
    return false;
  }
  std::size_t taken = suffix_count;
  if (wanted.suffix && taken < kMaxSuffixes) {
    suffixes[taken++] = 1;
  }
  return matches(row, node + 1, unit, at, suffixes, taken);
}

const CommandTable::Entry* CommandTable::find(const Unit& unit, Suffixes& suffixes) const {
  for (const Row& row : rows_) {
    if (row.common == unit.common && row.query == unit.query &&
        matches(row, 0, unit, 0, suffixes, 0)) {
      return &row.entry;
    }
  }
  return nullptr;
}

}  // namespace visa::sim
