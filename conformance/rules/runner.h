// SPDX-License-Identifier: MIT
// Runs each rule in a child process of its own and bounds it: a library that hangs, crashes or
// exits fails that rule and no other. The parent never loads the library and has one thread, so
// fork is safe. What the child reports comes through a pipe.
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

// Runs the rule once. `resource` may be null (On::nothing).
Run run_rule(const Rule& rule, const Options& options, const Facts& facts,
             const Resource* resource);

// The column of attribute_matrix.tsv a resource name belongs to; empty when it is none of them.
std::string kind_of(const std::string& resource_name);

// Finds out which instrument stands behind the name, in a process of its own.
Resource look_at(const std::string& name, const Options& options, const Facts& facts);

}  // namespace visa::rules
