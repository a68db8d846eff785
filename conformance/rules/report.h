// SPDX-License-Identifier: MIT
// The account of a run: one line a check, what each function answered against its sheet, the
// clauses nobody checks, and the closing line. One thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "conformance/rules/runner.h"

namespace visa::rules {

class Report {
 public:
  Report(const Facts& facts, const Options& options, bool quiet);

  // Failures to expect: rows of `rule`, `text` (part of the failure), `reason`. A run whose
  // failures are all expected counts as skipped.
  void expect(Sheet not_yet);
  void resource(const Resource& resource);
  // `resource` is null where the rule needs none.
  void add(const Rule& rule, const Resource* resource, const Run& run);
  void skip(const Rule& rule, const std::string& reason);
  // Compares what each function was seen to answer with function_status.tsv: a code outside its
  // list is a failure where the list was read to its end, else a remark (conformance/spec README
  // rule).
  void answers();
  // The clauses without a check.
  void ledger();
  // Fails for every expected failure that did not come.
  void expectations();
  // The closing line; returns the exit status.
  int close();

 private:
  const Facts& facts_;
  const bool quiet_;
  int passed_ = 0;
  int failed_ = 0;
  int skipped_ = 0;
  // The reason why this failure is expected; null when it is not.
  const std::string* expected(const std::string& rule, const std::string& failure);

  std::map<std::string, std::set<ViStatus>> seen_;
  Sheet not_yet_;
  std::set<const Row*> met_;
};

}  // namespace visa::rules
