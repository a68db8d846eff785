// SPDX-License-Identifier: MIT
// The subcommands. The build makes the table from the names of the files: NAME_command.cpp defines
// `const Command& NAME_command()`, and nothing else has to be changed to add one. Constant.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "tools/freevisa/command_line.h"

namespace visa::tool {

/// Generated: one for each *_command.cpp, in no order.
std::vector<const Command*> registered_commands();

/// By topic, and within a topic by name.
std::span<const Command* const> commands();
/// nullptr if no command has that name.
const Command* find_command(std::string_view name);

}  // namespace visa::tool
