// SPDX-License-Identifier: MIT
// freevisa shell: a conversation with an instrument. Lines come from the terminal with editing, or
// from a file or pipe, where the first error ends it.
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/environment.h"
#include "tools/freevisa/interruption.h"
#include "tools/freevisa/line_editor.h"
#include "tools/freevisa/shell.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for each operation, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--timing", .help = "show how long each answer takes"},
    {.name = "--no-history", .help = "neither read nor write the history"},
};

constexpr char kAbout[] =
    R"(Sends each line to the instrument and prints the answer of those with a '?'. On a terminal lines can
be edited, the arrow keys and Ctrl-R find earlier ones (kept in ~/.local/state/freevisa/history),
and Tab completes common commands, names and the shell's own commands, which begin with a point:

  .open NAME  .list  .read  .repeat N [SECONDS] COMMAND  .timing [on|off]  .timeout MS
  .clear  .status  .errors  .help  .quit

From a file or a pipe lines are read without prompt, '#' begins a comment, and the first error ends
the shell.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa shell dmm
  echo '*IDN?' | freevisa shell dmm

Ctrl-C ends the command that waits for its answer, at once, and leaves the shell running.

Exit codes: 0 done, 1 a VISA error (from a terminal only while opening), 2 wrong usage.
)";

// ~/.local/state/freevisa/history, with its folder; "" where there is no home.
std::string history_file() {
  const std::string state = environment("XDG_STATE_HOME").value_or("");
  const std::string home = environment("HOME").value_or("");
  if (!state.starts_with('/') && !home.starts_with('/')) return "";
  const std::filesystem::path folder =
      (state.starts_with('/') ? state : home + "/.local/state") + "/freevisa";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  // What was sent may hold a password.
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  return error ? "" : (folder / "history").string();
}

int converse(Shell& shell, bool history) {
  if (!LineEditor::edits())
    std::fputs("(built without libedit: no history, no completion)\n", stderr);
  LineEditor editor(history ? history_file() : "",
                    [&shell](std::string_view before) { return shell.complete(before); });
  std::puts("'.help' shows what the shell can do, Ctrl-D leaves it.");
  while (const auto line = editor.read(shell.prompt())) {
    if (line->empty()) {
      take_interrupt();
      continue;
    }
    editor.remember(*line);
    try {
      if (!shell.run(*line)) return kDone;
    } catch (const VisaFailure& failure) {
      std::fprintf(stderr, "%s\n", colored(stderr, Color::red, failure.text).c_str());
    }
    if (take_interrupt()) std::puts("");  // after the terminal's "^C"
  }
  std::puts("");
  return kDone;
}

constexpr std::size_t kLongestLine = std::size_t{64} << 20;

int follow(Shell& shell) {
  std::string line;
  for (int letter = std::getchar(); letter != EOF || !line.empty(); letter = std::getchar()) {
    if (letter != '\n' && letter != EOF) {
      line += static_cast<char>(letter);
      if (line.size() > kLongestLine)
        throw VisaFailure("a line of more than 64 MiB: is standard input no text?");
      continue;
    }
    if (interrupt_pending()) return kDone;  // it may have cut the line
    if (line.ends_with('\r')) line.pop_back();
    if (!shell.run(line) || interrupt_pending()) return kDone;
    line.clear();
    if (letter == EOF) break;
  }
  return kDone;
}

int run(const CommandLine& line) {
  const bool terminal = is_terminal(stdin);
  const Session manager = open_manager();
  // An interrupt ends one command at a terminal, where converse() takes it; elsewhere all of them.
  Shell shell(manager, line.number("--timeout"), &interrupt_pending);
  shell.set_timing(line.has("--timing"));
  catch_interrupts();
  if (!line.operands().empty()) shell.open(line.operands().front());
  if (!terminal) return follow(shell);
  return converse(shell, !line.has("--no-history"));
}

constexpr Command kCommand = {.name = "shell",
                              .topic = Topic::talk,
                              .summary = "talk to an instrument line by line",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[NAME]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& shell_command() {
  return kCommand;
}

}  // namespace visa::tool
