// SPDX-License-Identifier: MIT
// The account of a run: one line per check, the statuses of each function compared with
// function_status.tsv, the clauses that no rule checks, and the closing line. One thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "conformance/rules/runner.h"

namespace visa::rules {

class Report {
 public:
  Report(const Facts& facts, const Options& options, bool quiet);

  /// Reads the expected failures: rows of `rule`, `text` (part of the failure), `reason`. A run
  /// with only expected failures counts as skipped.
  void expect(Sheet not_yet);
  void resource(const Resource& resource);
  /// `resource` is null for a rule that needs none.
  void add(const Rule& rule, const Resource* resource, const Run& run);
  void skip(const Rule& rule, const std::string& reason);
  /// Compares the statuses that each function returned with function_status.tsv. A code outside the
  /// list is a failure if the list is complete, otherwise a remark.
  void answers();
  /// Lists the clauses that no rule checks.
  void ledger();
  /// Notes a failure for every expected failure that did not occur.
  void expectations();
  /// Prints the closing line; returns the exit status.
  int close();

 private:
  const Facts& facts_;
  const bool quiet_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
  /// The reason why this failure is expected; null if it is not expected.
  const std::string* expected(const std::string& rule, const std::string& failure);

  std::map<std::string, std::set<ViStatus>> seen_;
  Sheet not_yet_;
  std::set<const Row*> met_;
};

}  // namespace visa::rules
