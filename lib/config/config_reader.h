// SPDX-License-Identifier: MIT
// One configuration file, from its text to checked entries. What is wrong becomes a line in the
// problem log and is left out; the rest counts. Pure: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/config/problem_log.h"
#include "lib/config/resource.h"

namespace visa::config {

/// An entry of the [aliases] table.
struct AliasEntry {
  std::string alias;  // as written
  model::ResourceName target;
};

struct FileEntries {
  std::vector<Resource> resources;  // no two of the same name
  std::vector<AliasEntry> aliases;  // none that means another resource elsewhere in the file
  std::vector<std::pair<std::int64_t Settings::*, std::int64_t>> settings;
};

/// `file` is for messages only.
FileEntries read_entries(std::string_view text, std::string_view file, ProblemLog& problems);

}  // namespace visa::config
