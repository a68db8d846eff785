// SPDX-License-Identifier: MIT
// Changes single values of a TOML text and leaves everything else as it is: comments, blank lines,
// the order and the spelling of the rest. Each result is parsed again and compared with what was
// meant, so that a text whose form is not understood is refused, never damaged. Any thread.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

/// Thrown when a text is no TOML, or cannot be changed without touching more than the value.
struct EditFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A table: [finder.lan] has the names "finder" and "lan". With `entry` the entry of an array of
/// tables whose key "name" is that text: [[interface]] with name = "TCPIP".
struct TableName {
  std::vector<std::string> names;
  std::optional<std::string> entry = {};
};

/// The text of the value, as TOML; nothing if there is none.
std::optional<std::string> value_in(const std::string& text, const TableName& table,
                                    const std::string& key);
/// Replaces the value, or adds a line at the end of the table, or the table at the end of the text.
/// `literal` is TOML: true, 1500, "text".
std::string with_value(const std::string& text, const TableName& table, const std::string& key,
                       const std::string& literal);
/// Removes the line of the value, with the comment at its end. The table stays.
std::string without_value(const std::string& text, const TableName& table, const std::string& key);
/// Removes from `line`, counted from 1, the string `value` where it is an element of an array.
std::string without_element(const std::string& text, std::size_t line, const std::string& value);

/// `text` as a TOML string; `word` if it is TOML already (a number, true, false, a list, quoted).
std::string toml_string(std::string_view text);
std::string toml_literal(const std::string& word);

}  // namespace visa::tool
