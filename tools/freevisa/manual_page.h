// SPDX-License-Identifier: MIT
// The manual pages, made from the tables that the parser and --help are made from. Free functions;
// any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"

namespace visa::tool {

/// The page of a subcommand for man(1), "freevisa-list.1", in the macros of man(7).
std::string manual_page(const Command& command, std::string_view version);
/// The page of the command itself. `help` is what `freevisa --help` prints after its usage.
std::string manual_page(std::span<const Command* const> commands, std::string_view version);
/// `text` so that troff prints it as it is.
std::string troff_text(std::string_view text);

}  // namespace visa::tool
