// SPDX-License-Identifier: MIT
// freevisa: finds the subcommand, prints help, turns usage errors into exit code 2.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tools/freevisa/command_line.h"

namespace visa::tool {
namespace {

std::array<const Command*, 4> commands() {
  return {&sim_command(), &kListCommand, &kQueryCommand, &kInfoCommand};
}

constexpr char kClosing[] =
    R"(
list, query and info are ordinary VISA programs: they see what every program sees that uses the
same library and configuration.

Environment:
  FREEVISA_CONFIG   configuration file, read after the system's and the user's
  FREEVISA_TRACE    "stderr" or a file: every VISA call with arguments, status, reason and duration

Exit codes:
  0  done      1  failed: a VISA error, or a port or file that cannot be had      2  wrong usage
)";

std::string general_help() {
  constexpr std::size_t kNameWidth = 9;
  std::string usage;
  std::string summaries;
  for (const Command* const command : commands()) {
    usage += usage_text(*command);
    std::string name(command->name);
    name.resize(std::max(kNameWidth, name.size() + 1), ' ');
    summaries += "  " + name + std::string(command->summary) + "\n";
  }
  return "freevisa - look at and talk to instruments through FreeVISA, or simulate some\n"
         "\nUsage:\n" +
         usage + "  freevisa COMMAND --help\n  freevisa --version\n\nCommands:\n" + summaries +
         kClosing;
}

[[noreturn]] void refuse_nothing() {
  std::string names;
  for (const Command* const command : commands())
    names += (names.empty() ? "" : ", ") + std::string(command->name);
  throw UsageError{"expected a command: " + names};
}

int run_command(const Command& command, std::span<const char* const> arguments) {
  try {
    const CommandLine line(command, arguments);
    if (!line.asks_for_help()) return command.run(line);
  } catch (UsageError& error) {
    error.command = command.name;
    throw;
  }
  std::fputs(help_text(command).c_str(), stdout);
  return kDone;
}

[[noreturn]] void refuse_command(std::string_view name) {
  std::vector<std::string_view> names = {"--help", "--version"};
  for (const Command* const command : commands()) names.push_back(command->name);
  const char* const kind = name.starts_with('-') ? "unknown option '" : "unknown command '";
  throw UsageError{kind + std::string(name) + "'" + hint(name, names)};
}

int run(std::span<const char* const> arguments) {
  if (arguments.empty()) refuse_nothing();
  const std::string_view name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(general_help().c_str(), stdout);
    return kDone;
  }
  if (name == "--version") {
    std::puts("freevisa " FREEVISA_VERSION);
    return kDone;
  }
  for (const Command* const command : commands())
    if (command->name == name) return run_command(*command, arguments.subspan(1));
  refuse_command(name);
}

}  // namespace
}  // namespace visa::tool

int main(int count, char** arguments) {
  using namespace visa::tool;
  int code = kFailed;
  try {
    code = run({arguments + 1, static_cast<std::size_t>(std::max(count, 1) - 1)});
  } catch (const UsageError& error) {
    const std::string own =
        error.command.empty() ? "" : "'freevisa " + error.command + " --help' or ";
    std::fprintf(stderr, "freevisa: %s\nTry %s'freevisa --help'.\n", error.text.c_str(),
                 own.c_str());
    return kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "freevisa: %s\n", error.what());
  }
  // An answer that could not be written (a full disk behind '>') is no success.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "freevisa: cannot write to standard output: %s\n",
                 std::generic_category().message(errno).c_str());
    return kFailed;
  }
  return code;
}
