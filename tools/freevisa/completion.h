// SPDX-License-Identifier: MIT
// What may come next on a command line of freevisa, from the tables of the subcommands: the shells
// and the command's own shell ask it. Free functions; one thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/command_line.h"

namespace visa::tool {

struct Candidates {
  enum class Kind { words, files, folders, programs };
  Kind kind = Kind::words;
  std::string typed;                    ///< of the word at the end, without quotation marks
  bool quoted = false;                  ///< it has an opening quotation mark and no closing one
  std::vector<std::string> words = {};  ///< those that begin with `typed`; a kind of file has none
};

/// `line` is what stands before the cursor, as the user typed it; the words after "freevisa" count.
/// Asks no network and opens nothing: names are those of the configuration.
Candidates candidates(std::string_view line, std::span<const Command* const> commands);

/// Commands that many instruments know: those of IEEE 488.2, and of SCPI's required subsystems.
std::span<const std::string_view> common_commands() noexcept;
/// Aliases and resources of the configuration.
std::vector<std::string> configured_instruments();

/// What the words have in common at their beginning, whatever the case of letters; spelled as the
/// first has it.
std::string common_beginning(const std::vector<std::string>& words);
/// Whether `word` begins with `start`, whatever the case of letters.
bool begins_with(std::string_view word, std::string_view start) noexcept;

/// Whether `typed` is the beginning of `command`, whose mnemonics may be typed in their short form
/// (the capitals) as SCPI has it: "syst:v" of SYSTem:VERSion?.
bool command_begins_with(std::string_view command, std::string_view typed);

/// The script for that shell, "bash" or "zsh".
std::string_view completion_script(std::string_view shell) noexcept;

}  // namespace visa::tool
