// SPDX-License-Identifier: MIT
// The only file that includes toml++. Its exceptions are off (a parse error is a value) and its
// depth of values is limited by the build. Two faults of version 3.3 could end or corrupt the host
// process:
// - It destroys tables recursively, so a key of 10^5 parts overflows the stack. Such lines are
//   refused before it sees them.
// - It takes for granted what a text can violate ("[[["): an abort with assertions, undefined
//   behaviour without. So its checks stay on in every build and throw an exception of ours.
#include "lib/config/toml_tree.h"

#include <algorithm>
#include <utility>

namespace visa::config {
namespace {

struct ParserFault {};

constexpr void parser_check(bool holds) {
  if (!holds) throw ParserFault{};
}

}  // namespace
}  // namespace visa::config

#undef NDEBUG
#define TOML_ASSERT(condition) ::visa::config::parser_check(static_cast<bool>(condition))
#include <toml++/toml.h>

namespace visa::config {

namespace {

constexpr std::size_t kMostDotsInALine = 100;

Place place_of(const toml::source_region& region) {
  return {static_cast<std::uint32_t>(region.begin.line),
          static_cast<std::uint32_t>(region.begin.column)};
}

// A dotted key stands in one line, quoted parts and all, so dots a line bound the depth of any key.
// A line that is surely a comment has no keys; one with three quotes may end a string and go on.
std::size_t deepest_line(std::string_view text) {
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto first = line.find_first_not_of(" \t");
    const bool comment = first != std::string_view::npos && line[first] == '#' &&
                         line.find("\"\"\"") == std::string_view::npos &&
                         line.find("'''") == std::string_view::npos;
    const auto dots = static_cast<std::size_t>(std::count(line.begin(), line.end(), '.'));
    if (!comment && dots > kMostDotsInALine) return number;
  }
  return 0;
}

Table table_of(const toml::table& table);

Node node_of(const toml::node& node) {
  Node result{place_of(node.source()), {}};
  if (const auto* flag = node.as_boolean()) {
    result.value = flag->get();
  } else if (const auto* integer = node.as_integer()) {
    result.value = std::int64_t{integer->get()};
  } else if (const auto* number = node.as_floating_point()) {
    result.value = number->get();
  } else if (const auto* text = node.as_string()) {
    result.value = text->get();
  } else if (const auto* array = node.as_array()) {
    std::vector<Node> elements;
    elements.reserve(array->size());
    for (const toml::node& element : *array) elements.push_back(node_of(element));
    result.value = std::move(elements);
  } else if (const auto* table = node.as_table()) {
    result.value = table_of(*table);
  }
  return result;
}

Table table_of(const toml::table& table) {
  Table entries;
  entries.reserve(table.size());
  for (const auto& [key, node] : table) {
    entries.push_back({std::string(key.str()), place_of(key.source()), node_of(node)});
  }
  // toml++ sorts by name; messages and "the first one wins" go by the text.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.place < b.place; });
  return entries;
}

bool trips_parser(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
    return false;
  } catch (const ParserFault&) {
    return true;
  }
}

// The parser reads forwards, so the fault is in the first line with which it appears.
std::uint32_t line_of_fault(std::string_view text) {
  std::vector<std::size_t> ends;  // of each line, its break included
  for (std::size_t at = 0; at < text.size();) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
    ends.push_back(at);
  }
  const auto line = std::partition_point(ends.begin(), ends.end(), [&](std::size_t end) {
    return !trips_parser(text.substr(0, end));
  });
  return static_cast<std::uint32_t>(line - ends.begin()) + 1;
}

TomlDocument broken(std::string_view error, Place place) {
  return {{}, false, std::string(error), place};
}

}  // namespace

TomlDocument parse_toml(std::string_view text) {
  if (const std::size_t line = deepest_line(text)) {
    return broken("more than 100 dots in one line", {static_cast<std::uint32_t>(line), 1});
  }
  try {
    const toml::parse_result result = toml::parse(text);
    if (!result) return broken(result.error().description(), place_of(result.error().source()));
    return {table_of(result.table()), true, {}, {}};
  } catch (const ParserFault&) {
    return broken("this line is no TOML", {line_of_fault(text), 1});
  }
}

}  // namespace visa::config
