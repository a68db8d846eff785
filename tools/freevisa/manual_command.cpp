// SPDX-License-Identifier: MIT
// freevisa manual: the manual pages, for man(1) and for the build, which installs them.
#include <cstdio>
#include <string>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/manual_page.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--folder",
     .value = "FOLDER",
     .help = "write all pages into FOLDER, which must exist: freevisa.1, freevisa-list.1, ...",
     .instead = ""},
};

constexpr char kAbout[] =
    R"(Prints the manual page of a subcommand, or of freevisa itself, for man(1).
)";

constexpr char kClosing[] = R"(Examples:
  freevisa manual query | man -l -

Exit codes: 0 done, 1 a page cannot be written, 2 wrong usage.
)";

void write_page(const std::string& folder, const std::string& name, const std::string& text) {
  AnswerOutput out(folder + "/" + name + ".1");
  out.write(text);
  out.finish();
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
  if (line.operands().empty()) {
    std::fputs(manual_page(commands(), FREEVISA_VERSION).c_str(), stdout);
    return kDone;
  }
  const Command* const command = find_command(line.operands().front());
  if (command == nullptr) throw UsageError{"no command '" + line.operands().front() + "'"};
  std::fputs(manual_page(*command, FREEVISA_VERSION).c_str(), stdout);
  return kDone;
}

constexpr Command kCommand = {.name = "manual",
                              .topic = Topic::setup,
                              .summary = "print a manual page",
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
