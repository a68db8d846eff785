// SPDX-License-Identifier: MIT
// One configuration file, from its text to checked entries. What is wrong becomes a line in the
// problem log and is left out; the rest counts. Pure: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/problem_log.h"
#include "lib/config/resource.h"

namespace visa::config {

/// An entry of the [aliases] table.
struct AliasEntry {
  std::string alias;  // as written
  model::ResourceName target;
};

/// One key of [settings]: a number or a flag.
struct SettingEntry {
  std::int64_t Settings::*number = nullptr;
  bool Settings::*flag = nullptr;
  std::int64_t value = 0;

  void apply(Settings& settings) const {
    if (number != nullptr) settings.*number = value;
    if (flag != nullptr) settings.*flag = value != 0;
  }
};

struct FileEntries {
  std::vector<Resource> resources;  // no two of the same name
  std::vector<AliasEntry> aliases;  // none that means another resource elsewhere in the file
  std::vector<SettingEntry> settings;
};

/// `file` is for messages only.
FileEntries read_entries(std::string_view text, std::string_view file, ProblemLog& problems);

}  // namespace visa::config
