// SPDX-License-Identifier: MIT
// freevisa completion: the scripts that shells load, and the answers to what these ask.
#include <cstdio>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/completion.h"
#include "tools/freevisa/registry.h"

namespace visa::tool {

namespace {

constexpr std::string_view kActions[] = {"bash", "zsh", "candidates"};

constexpr char kAbout[] =
    R"(bash, zsh: prints the script that completes the command line of freevisa with the Tab key:
subcommands, options, aliases and resources of the configuration, common commands, files. An
installed FreeVISA has both scripts where the shells look for them.

candidates LINE is what the scripts call: it prints the kind of what may come after LINE (words,
files, folders, programs), whether a quotation mark is open, the word so far, and the words.
)";

constexpr char kClosing[] = R"(Examples:
  source <(freevisa completion bash)
  freevisa completion zsh > ~/.zfunc/_freevisa

Exit codes: 0 done, 2 wrong usage.
)";

const char* kind_name(Candidates::Kind kind) {
  switch (kind) {
    case Candidates::Kind::files:
      return "files";
    case Candidates::Kind::folders:
      return "folders";
    case Candidates::Kind::programs:
      return "programs";
    case Candidates::Kind::words:
      break;
  }
  return "words";
}

int run(const CommandLine& line) {
  const std::string& action = line.operands().front();
  if (action != "candidates") {
    line.want_operands(1, 1, action);
    std::fputs(std::string(completion_script(action)).c_str(), stdout);
    return kDone;
  }
  line.want_operands(2, 2, "candidates LINE");
  const Candidates found = candidates(line.operands()[1], commands());
  std::printf("%s\n%s\n%s\n", kind_name(found.kind), found.quoted ? "yes" : "no",
              found.typed.c_str());
  for (const std::string& word : found.words) std::puts(word.c_str());
  return kDone;
}

constexpr Command kCommand = {.name = "completion",
                              .topic = Topic::setup,
                              .summary = "print the script that completes command lines in a shell",
                              .about = kAbout,
                              .operands = "bash | zsh | candidates LINE",
                              .least = 1,
                              .most = 2,
                              .actions = kActions,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& completion_command() {
  return kCommand;
}

}  // namespace visa::tool
