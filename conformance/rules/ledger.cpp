// SPDX-License-Identifier: MIT
// Compares only names: the rules of the suite with those that clauses.tsv lists.
#include "conformance/rules/ledger.h"

#include <cstdio>
#include <set>

namespace visa::rules {

bool ledger_agrees(const Facts& facts, const Rules& rules) {
  bool good = true;
  const auto object = [&good](const std::string& name, const char* what) {
    std::printf("ledger: %s %s\n", name.c_str(), what);
    good = false;
  };
  std::set<std::string> named;
  std::set<std::string> clauses;
  for (const Row& row : facts.clauses) {
    const auto checks = split(row.at("checked_by"), ',');
    named.insert(checks.begin(), checks.end());
    if (!clauses.insert(row.at("clause")).second)
      object(row.at("clause"), "appears twice in clauses.tsv");
    if (row.at("requirement").empty()) object(row.at("clause"), "has no requirement");
    if (checks.empty() && row.at("why_not").empty()) {
      object(row.at("clause"), "has neither a check nor a reason");
    }
  }
  std::set<std::string> existing;
  for (const Rule& rule : rules) {
    if (!existing.insert(rule.name).second) object(rule.name, "is the name of two rules");
    if (named.count(rule.name) == 0) object(rule.name, "is in no line of clauses.tsv");
  }
  for (const std::string& name : named) {
    if (existing.count(name) == 0)
      object(name, "is named in clauses.tsv, but there is no such rule");
  }
  return good;
}

}  // namespace visa::rules
