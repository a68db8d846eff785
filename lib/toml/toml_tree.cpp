// SPDX-License-Identifier: MIT
// The only file that includes toml++. Its exceptions are off (a parse error is a value), the build
// limits its depth of values, and toml_guard stops the texts that would harm it. Some texts ("[[[")
// violate an assertion of toml++, which would abort the program, or be undefined behaviour with
// assertions off. Its checks therefore stay on in every build and throw ParserFault.
#include "lib/toml/toml_tree.h"

#include <algorithm>
#include <utility>

#include "lib/toml/toml_guard.h"

namespace visa::tomlio {
namespace {

struct ParserFault {};

constexpr void parser_check(bool holds) {
  if (!holds) throw ParserFault{};
}

}  // namespace
}  // namespace visa::tomlio

#undef NDEBUG
#define TOML_ASSERT(condition) ::visa::tomlio::parser_check(static_cast<bool>(condition))
#include <toml++/toml.h>

namespace visa::tomlio {

namespace {

Place place_of(const toml::source_region& region) {
  return {static_cast<std::uint32_t>(region.begin.line),
          static_cast<std::uint32_t>(region.begin.column)};
}

// toml_guard and toml++ bound the depth of what was read.
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
  // toml++ sorts by name; messages and the rule "the first one wins" need the order of the text.
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

// The parser reads forwards, so the fault is in the first line that makes the text up to there
// fail.
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
  if (const auto fault = find_text_fault(text)) return broken(fault->reason, fault->place);
  try {
    const toml::parse_result result = toml::parse(text);
    if (!result) return broken(result.error().description(), place_of(result.error().source()));
    return {table_of(result.table()), true, {}, {}};
  } catch (const ParserFault&) {
    return broken("this line is not TOML", {line_of_fault(text), 1});
  }
}

}  // namespace visa::tomlio
