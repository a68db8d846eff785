// SPDX-License-Identifier: MIT
// The command line of a subcommand: what it takes, declared as a table from which the parser and
// the help are made, and what the user gave it. The parser is CLI11, which command_line.cpp alone
// includes: its header takes seconds to compile. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

enum ExitCode : int { kDone = 0, kFailed = 1, kWrongUsage = 2 };

/// Thrown for a command line that is not understood; main() prints it and exits with kWrongUsage.
struct UsageError {
  std::string text;
  std::string command = {};  ///< the subcommand whose help says more; empty before there is one
};

/// The whole numbers that an option takes.
struct Number {
  std::uint32_t least = 0;
  std::uint32_t most = 0;
  std::uint32_t preset = 0;  ///< where the user does not give the option
};

/// An option of a subcommand. What has no range takes any text.
struct Option {
  std::string_view name;              ///< "--port"
  std::string_view letter = {};       ///< "-p" for short
  std::string_view value = {};        ///< stands for its value in the help, "N"; empty: a switch
  std::string_view help = {};         ///< what it does; the help breaks the lines
  std::optional<Number> number = {};  ///< its value is one of these numbers,
  std::span<const std::string_view> words = {};  ///< or one of these words
  bool repeats = false;                          ///< each of its values counts, not only the last
  /// With it the subcommand does something else: the operands are these, and the usage has a line
  /// of its own.
  std::optional<std::string_view> instead = {};
};

class CommandLine;

/// The heading under which the general help lists a subcommand, in this order.
enum class Topic { find, talk, measure, programs, setup };

/// A subcommand. Its help is name, summary, usage, `about`, the options and `closing`.
struct Command {
  std::string_view name;
  Topic topic = Topic::find;
  std::string_view summary = {};  ///< half a sentence
  std::string_view about = {};    ///< paragraphs with their line breaks, an LF at the end
  std::span<const Option> options = {};
  /// As the usage shows them, "NAME COMMAND...". The words are also what completion goes by: NAME
  /// is an instrument, FILE a file, COMMAND a text for an instrument.
  std::string_view operands = {};
  std::size_t least = 0;  ///< how many operands it takes
  std::size_t most = 0;
  std::span<const std::string_view> actions = {};  ///< the words that the first operand may be
  bool starts_program = false;    ///< what comes after "--" is a program and its arguments
  std::string_view closing = {};  ///< examples and exit codes, an LF at the end
  int (*run)(const CommandLine& line) = nullptr;  ///< returns an ExitCode
};

class CommandLine {
 public:
  /// Reads `arguments`, which come after the subcommand. "--" ends the options, and the operands of
  /// a command that starts a program; "--name=value"
  /// works, too. Throws UsageError for an unknown option, a value that is missing, not wanted or
  /// out of its range, and too few or too many operands.
  CommandLine(const Command& command, std::span<const char* const> arguments);

  /// The user gave -h or --help, and may have left out everything else.
  bool asks_for_help() const noexcept { return asks_for_help_; }
  bool has(std::string_view option) const { return value(option).has_value(); }
  /// The last one given.
  std::optional<std::string> value(std::string_view option) const;
  /// All of them, in the order given.
  std::vector<std::string> values(std::string_view option) const;
  /// Of an option with `number` in the table: the last one given, or the preset.
  std::uint32_t number(std::string_view option) const;
  const std::vector<std::string>& operands() const noexcept { return operands_; }
  /// Of a command that starts one: the program and its arguments; empty if there is none.
  const std::vector<std::string>& program() const noexcept { return program_; }
  /// Throws UsageError unless there are `least` to `most` operands; `names` says which.
  void want_operands(std::size_t least, std::size_t most, std::string_view names) const;

 private:
  struct Given {
    std::string_view option;
    std::string value;
  };
  const Command& command_;
  std::vector<Given> given_;
  std::vector<std::string> operands_;
  std::vector<std::string> program_;
  bool asks_for_help_ = false;
};

/// "Talk to an instrument": the heading in the general help.
std::string_view topic_title(Topic topic) noexcept;
/// The end of the general help: the environment and the exit codes, in paragraphs.
std::string_view general_notes() noexcept;
/// "--port N", with the letter if it has one.
std::string label(const Option& option);
/// How to call the subcommand, in lines that begin with two blanks and end with LF.
std::string usage_text(const Command& command);
/// What `freevisa COMMAND --help` prints.
std::string help_text(const Command& command);
/// "; did you mean 'NAME'?" for the one of `names` that `given` is probably a slip of; empty if
/// there is none.
std::string hint(std::string_view given, std::span<const std::string_view> names);

}  // namespace visa::tool
