// SPDX-License-Identifier: MIT
// The settings that a table of the file holds for a driver or a finder, with their places. Which
// keys and ranges are right is for that driver or finder to say. Pure: any thread.
#pragma once

#include <optional>
#include <string_view>

#include "lib/config/problem_log.h"
#include "lib/spi/settings.h"

namespace visa::config {

/// The value of one key; nothing where it is of no type that a setting has. `file` is for its
/// origin.
std::optional<spi::Setting> read_setting(const tomlio::Entry& entry, std::string_view file);

/// All keys of `table` but `without`. What is no setting becomes a line in `problems`.
spi::Settings read_setting_table(const tomlio::Table& table, std::string_view without,
                                 std::string_view file, ProblemLog& problems);

}  // namespace visa::config
