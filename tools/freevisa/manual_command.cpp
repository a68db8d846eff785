// SPDX-License-Identifier: MIT
// freevisa manual: the manual pages, for man(1) and for the build, which installs them.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/manual_page.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/started_program.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--folder",
     .value = "FOLDER",
     .help = "write all pages into FOLDER, which must exist: freevisa.1, freevisa-list.1, ...",
     .instead = ""},
};

constexpr char kAbout[] =
    R"(Shows the manual page of a subcommand, or of freevisa itself, by man(1). In a pipe, and where there
is no man, the source of the page.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa manual query
  freevisa manual query | man -l -

Exit codes: 0 done, 1 a page cannot be written, 2 wrong usage.
)";

void write_text(const std::string& file, const std::string& text) {
  AnswerOutput out(file);
  out.write(text);
  out.finish();
}

void write_page(const std::string& folder, const std::string& name, const std::string& text) {
  write_text(folder + "/" + name + ".1", text);
}

/// On a terminal as man(1) shows it.
int show(const std::string& page) {
  if (is_terminal(stdout)) {
    try {
      const TemporaryFile file("freevisa", ".1");
      write_text(file.path(), page);
      StartedProgram man({"man", "-l", file.path()}, {});
      man.on_end([] {});
      if (man.exit_code() == 0) return kDone;
    } catch (const std::runtime_error&) {
      // There is no man, or no room for a file.
    }
  }
  std::fputs(page.c_str(), stdout);
  return kDone;
}

int run(const CommandLine& line) {
  if (const auto folder = line.value("--folder")) {
    line.want_operands(0, 0, "no operand with --folder");
    write_page(*folder, "freevisa", manual_page(commands(), FREEVISA_VERSION));
    for (const Command* const command : commands())
      write_page(*folder, "freevisa-" + std::string(command->name),
                 manual_page(*command, FREEVISA_VERSION));
    return kDone;
  }
  if (line.operands().empty()) return show(manual_page(commands(), FREEVISA_VERSION));
  const Command* const command = find_command(line.operands().front());
  if (command == nullptr) {
    std::vector<std::string_view> names;
    for (const Command* const one : commands()) names.push_back(one->name);
    const std::string& given = line.operands().front();
    throw UsageError{"no command '" + given + "'" + hint(given, names)};
  }
  return show(manual_page(*command, FREEVISA_VERSION));
}

constexpr Command kCommand = {.name = "manual",
                              .topic = Topic::setup,
                              .summary = "show a manual page",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[SUBCOMMAND]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& manual_command() {
  return kCommand;
}

}  // namespace visa::tool
