// SPDX-License-Identifier: MIT
// freevisa: finds the subcommand, prints help, turns usage errors into exit code 2.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {
namespace {

constexpr char kUsage[] =
    R"(freevisa - look at and talk to instruments through FreeVISA, or simulate some

Usage:
  freevisa COMMAND [OPTION...] [ARGUMENT...]
  freevisa COMMAND --help
  freevisa --version
)";

std::string general_help() {
  std::size_t width = 0;
  for (const Command* const command : commands()) width = std::max(width, command->name.size());
  std::string text = kUsage;
  std::optional<Topic> topic;
  for (const Command* const command : commands()) {
    if (topic != command->topic) text += "\n" + std::string(topic_title(command->topic)) + ":\n";
    topic = command->topic;
    std::string name(command->name);
    name.resize(width + 2, ' ');
    text += "  " + name + std::string(command->summary) + "\n";
  }
  return text + "\n" + std::string(general_notes());
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
  if (const Command* const command = find_command(name))
    return run_command(*command, arguments.subspan(1));
  refuse_command(name);
}

/// What the library opens must not become standard output because that is closed: a socket to an
/// instrument would get the answers, and the terminal's messages.
void occupy_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The way that is not wanted, so that using it stays an error.
    static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

/// The errno of the first failure to write to standard output; 0 where stdio has forgotten it;
/// nothing if all is written.
std::optional<int> output_error() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return std::nullopt;
  return errno;
}

}  // namespace
}  // namespace visa::tool

int main(int count, char** arguments) {
  using namespace visa::tool;
  occupy_standard_descriptors();
  int code = kFailed;
  bool output_failed = false;  // and told
  try {
    code = run({arguments + 1, static_cast<std::size_t>(std::max(count, 1) - 1)});
  } catch (const UsageError& error) {
    const std::string own =
        error.command.empty() ? "" : "'freevisa " + error.command + " --help' or ";
    std::fprintf(stderr, "freevisa: %s\nTry %s'freevisa --help'.\n", error.text.c_str(),
                 own.c_str());
    return kWrongUsage;
  } catch (const OutputFailure& error) {
    std::fprintf(stderr, "freevisa: %s\n", error.what());
    output_failed = true;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "freevisa: %s\n", error.what());
  }
  const auto error = output_error();  // also of the answers that came before an interrupt
  end_by_interrupt();
  // An answer that could not be written (a full disk after '>') is no success.
  if (error && !output_failed) {
    std::fprintf(stderr, "freevisa: %s\n", output_failure("to standard output", *error).what());
  }
  return error ? kFailed : code;
}
