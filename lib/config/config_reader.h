// SPDX-License-Identifier: MIT
// One configuration file, from its text to checked entries. What is wrong becomes a line in the
// problem log and is left out; the rest counts. Pure: any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/config/interface.h"
#include "lib/config/library_settings.h"
#include "lib/config/problem_log.h"
#include "lib/config/resource.h"
#include "lib/config/resource_reader.h"
#include "lib/spi/credential.h"

namespace visa::config {

/// The tables [finder.NAME] by their names.
using FinderTables = std::map<std::string, spi::Settings, std::less<>>;

struct FileEntries {
  std::vector<Resource> resources;    // no two of the same name
  std::vector<AliasEntry> aliases;    // none that means another resource elsewhere in the file
  std::vector<Interface> interfaces;  // no two of the same name
  FinderTables finders;
  std::vector<SettingEntry> settings;
  std::vector<spi::Credential> credentials;  // no two of the same name
};

/// `file` is for messages only; `open_to_others`: other users of the computer may read it.
FileEntries read_entries(std::string_view text, std::string_view file, ProblemLog& problems,
                         bool open_to_others = false);

}  // namespace visa::config
