// SPDX-License-Identifier: MIT
// One entry of an `attributes` table, checked against the attribute table for the resource's kind,
// so that VI_LOAD_CONFIG later has only values that viSetAttribute would take. Pure: any thread.
#pragma once

#include <visa.h>

#include <optional>
#include <utility>

#include "lib/config/problem_log.h"
#include "lib/model/attribute_value.h"
#include "lib/model/resource_class.h"
#include "lib/toml/toml_tree.h"

namespace visa::config {

/// The attribute and its value in the form of the stores; nothing, and a line in `problems`, when
/// an object of `kind` has no such attribute or would not take the value.
std::optional<std::pair<ViAttr, model::AttributeValue>> read_attribute(const tomlio::Entry& entry,
                                                                       model::Kind kind,
                                                                       ProblemLog& problems);

}  // namespace visa::config
