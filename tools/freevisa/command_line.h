// SPDX-License-Identifier: MIT
// The command line of a subcommand: options and operands, and what every subcommand answers.
// Values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace visa::tool {

enum ExitCode : int { kDone = 0, kFailed = 1, kWrongUsage = 2 };

// Thrown for a command line that is not understood; main() prints it and exits with kWrongUsage.
struct UsageError {
  std::string text;
};

class CommandLine {
 public:
  struct Option {
    std::string_view name;  // "--port"
    bool value = false;     // takes one
  };

  // Splits `arguments` (without the subcommand). "--" ends the options; "--name=value" works too.
  // Throws UsageError for an unknown option or a missing value.
  CommandLine(std::span<const char* const> arguments, std::span<const Option> options);

  bool has(std::string_view option) const;
  std::optional<std::string> value(std::string_view option) const;
  std::vector<std::string> values(std::string_view option) const;
  // A whole number between `least` and `most`; throws UsageError for anything else.
  std::uint32_t number(std::string_view option, std::uint32_t preset, std::uint32_t least,
                       std::uint32_t most) const;
  const std::vector<std::string>& operands() const noexcept { return operands_; }
  // Throws UsageError unless there are `least` to `most` operands; `names` says which.
  void want_operands(std::size_t least, std::size_t most, std::string_view names) const;

 private:
  struct Given {
    std::string name;
    std::string value;
  };
  std::vector<Given> given_;
  std::vector<std::string> operands_;
};

// The subcommands; each returns an ExitCode.
int sim_command(std::span<const char* const> arguments);
int list_command(std::span<const char* const> arguments);
int query_command(std::span<const char* const> arguments);
int info_command(std::span<const char* const> arguments);

// Their help texts.
extern const char kSimHelp[];
extern const char kListHelp[];
extern const char kQueryHelp[];
extern const char kInfoHelp[];

}  // namespace visa::tool
