// SPDX-License-Identifier: MIT
// Runs each rule in its own child process, within a time limit: a library that hangs, crashes or
// exits fails that rule and no other. The parent never loads the library and has one thread, so
// fork is safe. The child reports through a pipe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "conformance/rules/check.h"

namespace visa::rules {

enum class Outcome { passed, failed, not_shown };

struct Run {
  Outcome outcome = Outcome::failed;
  std::vector<std::string> failures;
  std::vector<std::string> remarks;
  std::string reason;  // of not_shown
  std::map<std::string, std::set<ViStatus>> answers;
};

/// Runs the rule once. `resource` may be null (On::nothing).
Run run_rule(const Rule& rule, const Options& options, const Facts& facts,
             const Resource* resource);

/// The column of attribute_matrix.tsv for a resource name; empty if there is none.
std::string kind_of(const std::string& resource_name);

/// Finds out, in a child process, which instrument the name leads to.
Resource look_at(const std::string& name, const Options& options, const Facts& facts);

}  // namespace visa::rules
