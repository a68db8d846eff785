// SPDX-License-Identifier: MIT
// The parser says where a key and a value begin; where a value ends is found here. A line is only
// removed if it holds the one value and nothing else.
#include "tools/freevisa/toml_edit.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "lib/toml/toml_tree.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {
namespace {

using tomlio::Entry;
using tomlio::Node;
using tomlio::Place;
using tomlio::Table;

tomlio::TomlDocument parsed(const std::string& text) {
  tomlio::TomlDocument document = tomlio::parse_toml(text);
  if (!document.good) {
    throw EditFailure("line " + std::to_string(document.error_place.line) + ", column " +
                      std::to_string(document.error_place.column) + ": " + document.error);
  }
  return document;
}

std::size_t line_begin(const std::string& text, std::size_t at) {
  const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  return before == std::string::npos ? 0 : before + 1;
}

/// After the line feed of the line that `at` is in.
std::size_t line_end(const std::string& text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string::npos ? text.size() : end + 1;
}

/// Columns count characters.
std::size_t offset_of(const std::string& text, Place place) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < place.line; ++line) at = line_end(text, at);
  for (std::uint32_t column = 1; column < place.column && at < text.size(); ++column)
    at += std::max<std::size_t>(utf8_length(std::string_view(text).substr(at)), 1);
  return at;
}

std::size_t string_end(const std::string& text, std::size_t at) {
  const char quote = text[at];
  const std::string three(3, quote);
  const bool lines = text.compare(at, 3, three) == 0;
  for (at += lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (lines ? text.compare(at, 3, three) == 0 : text[at] == quote) {
      at += lines ? 3 : 1;
      while (lines && at < text.size() && text[at] == quote) ++at;  // quotes before the end
      return at;
    }
  }
  return text.size();
}

/// Where the value that begins at `at` ends.
std::size_t value_end(const std::string& text, std::size_t at) {
  if (at >= text.size()) return at;
  if (text[at] == '"' || text[at] == '\'') return string_end(text, at);
  if (text[at] != '[' && text[at] != '{') return text.find_first_of(" \t\r\n,#]}", at);
  std::size_t depth = 0;
  while (at < text.size()) {
    const char letter = text[at];
    if (letter == '"' || letter == '\'') {
      at = string_end(text, at);
      continue;
    }
    if (letter == '#') at = std::min(text.find('\n', at), text.size() - 1);
    if (letter == '[' || letter == '{') ++depth;
    ++at;
    if ((letter == ']' || letter == '}') && --depth == 0) break;
  }
  return at;
}

const Entry* find(const Table& table, const std::string& key) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&key](const Entry& entry) { return entry.key == key; });
  return found != table.end() ? &*found : nullptr;
}

const Node* find_entry(const Node& list, const std::string& name) {
  const auto* const nodes = list.get<std::vector<Node>>();
  if (nodes == nullptr) return nullptr;
  for (const Node& node : *nodes) {
    const auto* const table = node.get<Table>();
    const Entry* const entry = table != nullptr ? find(*table, "name") : nullptr;
    const auto* const text = entry != nullptr ? entry->value.get<std::string>() : nullptr;
    if (text != nullptr && *text == name) return &node;
  }
  return nullptr;
}

const Node* find_table(const Table& root, const TableName& name) {
  const Table* table = &root;
  const Node* node = nullptr;
  for (const std::string& one : name.names) {
    const Entry* const entry = table != nullptr ? find(*table, one) : nullptr;
    if (entry == nullptr) return nullptr;
    node = &entry->value;
    table = node->get<Table>();
  }
  return node != nullptr && name.entry ? find_entry(*node, *name.entry) : node;
}

const Entry* find_value(const Table& root, const TableName& name, const std::string& key) {
  const Node* const node = find_table(root, name);
  const Table* const table = node != nullptr ? node->get<Table>() : nullptr;
  return table != nullptr ? find(*table, key) : nullptr;
}

/// Where key and value stand, if it is "key = value".
struct Span {
  std::size_t key = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};
std::optional<Span> span_of(const std::string& text, const Entry& entry) {
  Span span;
  span.key = offset_of(text, entry.place);
  span.begin = offset_of(text, entry.value.place);
  if (span.begin <= span.key) return std::nullopt;
  const std::string_view between = std::string_view(text).substr(span.key, span.begin - span.key);
  if (between.find('=') == std::string_view::npos) return std::nullopt;
  span.end = std::min(value_end(text, span.begin), text.size());
  return span;
}

bool same(const Table& a, const Table& b);

bool same(const Node& a, const Node& b) {
  if (a.value.index() != b.value.index()) return false;
  if (const auto* const table = a.get<Table>()) return same(*table, *b.get<Table>());
  if (const auto* const list = a.get<std::vector<Node>>())
    return std::equal(list->begin(), list->end(), b.get<std::vector<Node>>()->begin(),
                      b.get<std::vector<Node>>()->end(),
                      [](const Node& one, const Node& other) { return same(one, other); });
  if (const auto* const text = a.get<std::string>()) return *text == *b.get<std::string>();
  if (const auto* const number = a.get<std::int64_t>()) return *number == *b.get<std::int64_t>();
  if (const auto* const number = a.get<double>()) return *number == *b.get<double>();
  if (const auto* const truth = a.get<bool>()) return *truth == *b.get<bool>();
  return true;  // a date
}

bool same(const Table& a, const Table& b) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&b](const Entry& one) {
           const Entry* const other = find(b, one.key);
           return other != nullptr && same(one.value, other->value);
         });
}

/// Whether `after` is `before` but for the one value.
void want_only(const std::string& before, const std::string& after, const TableName& table,
               const std::string& key, const std::optional<std::string>& literal) {
  tomlio::TomlDocument old = parsed(before);
  tomlio::TomlDocument made = parsed(after);
  const auto take = [&](tomlio::TomlDocument& document) {
    auto* const entry = const_cast<Entry*>(find_value(document.root, table, key));
    if (entry == nullptr) return;
    auto* const node = const_cast<Node*>(find_table(document.root, table));
    auto* const members = std::get_if<Table>(&node->value);
    members->erase(members->begin() + (entry - members->data()));
  };
  const Entry* const now = find_value(made.root, table, key);
  bool good = (now != nullptr) == literal.has_value();
  if (good && literal) {
    const auto wanted = parsed("x = " + *literal + "\n");
    good = same(wanted.root.front().value, now->value);
  }
  const bool table_is_new = find_table(old.root, table) == nullptr;
  take(old);
  take(made);
  if (!good || (!table_is_new && !same(old.root, made.root))) {
    throw EditFailure("'" + key + "' stands in a form that only an editor can change");
  }
}

std::string header_of(const TableName& table) {
  std::string name;
  for (const std::string& one : table.names) name += (name.empty() ? "" : ".") + one;
  if (!table.entry) return "[" + name + "]\n";
  return "[[" + name + "]]\nname = " + toml_string(*table.entry) + "\n";
}

/// After the last line of a table that has a header; nothing if it has none.
std::optional<std::size_t> table_end(const std::string& text, const Node& node) {
  const std::size_t header = offset_of(text, node.place);
  if (header >= text.size() || text[header] != '[') return std::nullopt;
  std::size_t end = line_end(text, header);
  for (const Entry& entry : *node.get<Table>())
    if (const auto span = span_of(text, entry)) end = std::max(end, line_end(text, span->end));
  return end;
}

std::string bare_key(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= 'a' && letter <= 'z') || letter == '_' || letter == '-';
  });
  return bare ? key : toml_string(key);
}

std::string added(std::string text, const TableName& table, const Node* node,
                  const std::string& line) {
  if (node == nullptr) {
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    return text + (text.empty() ? "" : "\n") + header_of(table) + line;
  }
  const auto end = node->get<Table>() != nullptr ? table_end(text, *node) : std::nullopt;
  if (!end) throw EditFailure("the table has no header: only an editor can change it");
  const bool cut = *end == text.size() && !text.empty() && !text.ends_with('\n');
  return text.insert(*end, (cut ? "\n" : "") + line);
}

}  // namespace

std::optional<std::string> value_in(const std::string& text, const TableName& table,
                                    const std::string& key) {
  const auto document = parsed(text);
  const Entry* const entry = find_value(document.root, table, key);
  const auto span = entry != nullptr ? span_of(text, *entry) : std::nullopt;
  if (!span) return std::nullopt;
  return text.substr(span->begin, span->end - span->begin);
}

std::string with_value(const std::string& text, const TableName& table, const std::string& key,
                       const std::string& literal) {
  const auto document = parsed(text);
  const Entry* const entry = find_value(document.root, table, key);
  std::string result = text;
  if (entry != nullptr) {
    const auto span = span_of(text, *entry);
    if (!span) throw EditFailure("'" + key + "' stands in a form that only an editor can change");
    result.replace(span->begin, span->end - span->begin, literal);
  } else {
    result = added(text, table, find_table(document.root, table),
                   bare_key(key) + " = " + literal + "\n");
  }
  want_only(text, result, table, key, literal);
  return result;
}

std::string without_value(const std::string& text, const TableName& table, const std::string& key) {
  const auto document = parsed(text);
  const Entry* const entry = find_value(document.root, table, key);
  if (entry == nullptr) return text;
  const auto span = span_of(text, *entry);
  if (!span) throw EditFailure("'" + key + "' stands in a form that only an editor can change");
  const std::size_t begin = line_begin(text, span->key);
  const std::size_t end = line_end(text, span->end);
  std::string result = text;
  result.erase(begin, end - begin);
  want_only(text, result, table, key, std::nullopt);
  return result;
}

std::string without_element(const std::string& text, std::size_t line, const std::string& value) {
  constexpr const char* kMarks = "\"'#";
  const std::size_t begin = offset_of(text, {static_cast<std::uint32_t>(line), 1});
  const std::size_t stop = line_end(text, begin);
  std::size_t at = text.find_first_of(kMarks, begin);
  while (at < stop && text[at] != '#') {
    const std::size_t end = string_end(text, at);
    const auto one = tomlio::parse_toml("x = " + text.substr(at, end - at) + "\n");
    const auto* const found = one.good ? one.root.front().value.get<std::string>() : nullptr;
    if (found == nullptr || *found != value) {
      at = text.find_first_of(kMarks, end);
      continue;
    }
    // With the comma after it, or else the one before it.
    std::size_t from = at;
    std::size_t to = text.find_first_not_of(" \t", end);
    if (to < text.size() && text[to] == ',') {
      to = std::min(text.find_first_not_of(" \t", to + 1), text.size());
    } else {
      to = end;
      const std::size_t before = text.find_last_not_of(" \t\r\n", from - 1);
      if (before != std::string::npos && text[before] == ',') from = before;
    }
    std::string result = text;
    result.erase(from, to - from);
    parsed(result);
    return result;
  }
  throw EditFailure("'" + value + "' stands in a form that only an editor can change");
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      result += '\\';
      result += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04X", static_cast<unsigned>(letter));
      result += code.data();
    } else {
      result += letter;
    }
  }
  return result + "\"";
}

std::string toml_literal(const std::string& word) {
  const auto document = tomlio::parse_toml("x = " + word + "\n");
  // The value alone: no comment after it.
  const bool whole = !word.empty() && std::min(value_end(word, 0), word.size()) == word.size();
  const bool one = whole && document.good && document.root.size() == 1 &&
                   word.find_first_of("\r\n") == std::string::npos &&
                   document.root.front().value.get<Node::Other>() == nullptr;
  return one ? word : toml_string(word);
}

}  // namespace visa::tool
