// SPDX-License-Identifier: MIT
// The tables of conformance/spec and conformance/rules that the rules are driven by (tab-separated;
// the first line names the columns), and the names of numbers. They are read once, before the first
// rule, and constant afterwards, so any thread may use them.
#pragma once

#include <visa.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace visa::rules {

using Row = std::map<std::string, std::string, std::less<>>;
using Sheet = std::vector<Row>;

/// Throws std::runtime_error with the file's name if it is missing or has no row.
Sheet read_sheet(const std::string& path);

/// The fields of `text` between `separator`s, without the blanks around them; none for empty text.
std::vector<std::string> split(std::string_view text, char separator);

struct Facts {
  Sheet attributes;        // conformance/spec
  Sheet matrix;            // attribute x kind
  Sheet functions;         // every function of the API
  Sheet function_status;   // what each may answer
  Sheet statuses;          // names of status codes
  Sheet clauses;           // conformance/rules: the ledger
  Sheet attribute_values;  // good and bad values
  Sheet names;             // resource names and their canonical form
  Sheet finds;             // find expressions and what they match

  Facts(const std::string& spec_folder, const std::string& rules_folder);

  /// "VI_ERROR_TMO", or the number in hexadecimal.
  std::string symbol(ViStatus status) const;
  /// The number of a status by name; throws std::out_of_range.
  ViStatus status(const std::string& name) const;
  /// The attribute's row in `attributes`; throws std::out_of_range.
  const Row& attribute(const std::string& name) const;
  /// The attribute's number on this machine (USER_DATA and others depend on the pointer size).
  static ViAttr code(const Row& attribute);

 private:
  std::map<ViStatus, std::string> symbols_;
  std::map<std::string, ViStatus> by_name_;
};

}  // namespace visa::rules
