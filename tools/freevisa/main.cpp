// SPDX-License-Identifier: MIT
// freevisa: finds the subcommand, prints help, turns usage errors into exit code 2.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"

namespace visa::tool {
namespace {

struct Subcommand {
  std::string_view name;
  int (*run)(std::span<const char* const> arguments);
  const char* help;
};

constexpr std::array kSubcommands = std::to_array<Subcommand>({
    {"sim", &sim_command, kSimHelp},
    {"list", &list_command, kListHelp},
    {"query", &query_command, kQueryHelp},
    {"info", &info_command, kInfoHelp},
});

constexpr char kHelp[] =
    R"(freevisa - look at and talk to instruments through FreeVISA, or simulate some

Usage:
  freevisa sim   [--port N] [--bind ADDRESS] [--config-out FILE] [--control ADDRESS] [--log FILE]
                 [--instrument NAME]... [FILE...]
  freevisa list  [--long] [EXPRESSION]
  freevisa query [--timeout MS] [--output FILE] [--raw] NAME COMMAND...
  freevisa info  [--timeout MS] [--no-open] [NAME]
  freevisa COMMAND --help
  freevisa --version

Commands:
  sim      run the virtual bench: instruments to try programs with
  list     print the resource names viFindRsrc finds
  query    send commands to an instrument and print its answers
  info     show the library, or what is known of one resource

list, query and info are ordinary VISA programs: they see what every program sees that uses the
same library and configuration.

Environment:
  FREEVISA_CONFIG   configuration file, read after the system's and the user's
  FREEVISA_TRACE    "stderr" or a file: every VISA call with arguments, status, reason and duration

Exit codes:
  0  done      1  failed: a VISA error, or a port or file that cannot be had      2  wrong usage
)";

bool asks_for_help(std::span<const char* const> arguments) {
  for (const std::string_view argument : arguments) {
    if (argument == "--") {
      return false;
    }
    if (argument == "--help" || argument == "-h") {
      return true;
    }
  }
  return false;
}

int run(std::span<const char* const> arguments) {
  if (arguments.empty()) {
    throw UsageError{"which command?"};
  }
  const std::string_view name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    std::fputs(kHelp, stdout);
    return kDone;
  }
  if (name == "--version") {
    std::puts("freevisa " FREEVISA_VERSION);
    return kDone;
  }
  const auto* const found =
      std::find_if(kSubcommands.begin(), kSubcommands.end(),
                   [name](const Subcommand& candidate) { return candidate.name == name; });
  if (found == kSubcommands.end()) {
    throw UsageError{"unknown command '" + std::string(name) + "'"};
  }
  arguments = arguments.subspan(1);
  if (asks_for_help(arguments)) {
    std::fputs(found->help, stdout);
    return kDone;
  }
  return found->run(arguments);
}

}  // namespace
}  // namespace visa::tool

int main(int count, char** arguments) {
  using namespace visa::tool;
  int code = kFailed;
  try {
    code = run({arguments + 1, static_cast<std::size_t>(std::max(count, 1) - 1)});
  } catch (const UsageError& error) {
    std::fprintf(stderr, "freevisa: %s\nTry 'freevisa --help'.\n", error.text.c_str());
    return kWrongUsage;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "freevisa: %s\n", error.what());
  }
  // An answer that could not be written (a full disk behind '>') is no success.
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    std::fprintf(stderr, "freevisa: cannot write to standard output: %s\n", std::strerror(errno));
    return kFailed;
  }
  return code;
}
