// SPDX-License-Identifier: MIT
// freevisa alias: short names of instruments, in the configuration file.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/configuration_change.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/toml_edit.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr std::string_view kActions[] = {"list", "set", "remove"};

constexpr Option kOptions[] = {
    {.name = "--file",
     .value = "FILE",
     .help = "the file to change; otherwise what FREEVISA_CONFIG names, or the user's"},
    {.name = "--json", .help = "a JSON array with alias, resource, file and line of each"},
};

constexpr char kAbout[] =
    R"(Without operands, or with list: the aliases that the configuration gives, the resource of each, and
the file and line where it stands. An alias opens its resource in every program: viOpen("dmm").

set NAME RESOURCE gives RESOURCE the alias NAME, also if NAME belonged to another one; remove NAME
takes it away. Both change one file and leave its comments and everything else in it alone. What the
library would not understand is not written.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa alias
  freevisa alias set dmm TCPIP::192.168.1.20::inst0::INSTR
  freevisa alias remove dmm

Exit codes: 0 done, 1 there is no such alias, or the file cannot be changed, 2 wrong usage.
)";

int list(bool json) {
  std::vector<std::string> objects;
  std::size_t width = 0;
  std::size_t resource_width = 0;
  std::vector<ConfiguredName> names = configured_names();
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const ConfiguredName& name) { return name.alias.empty(); }),
              names.end());
  for (const ConfiguredName& name : names) {
    width = std::max(width, name.alias.size());
    resource_width = std::max(resource_width, name.resource.size());
    objects.push_back(JsonObject()
                          .text("alias", name.alias)
                          .text("resource", name.resource)
                          .text("file", name.file)
                          .integer("line", name.line)
                          .str());
  }
  // A file that is not understood gives none of its aliases.
  const std::vector<std::string> problems = configuration_problems("");
  if (!problems.empty())
    std::fprintf(
        stderr,
        "freevisa: %s\n  'freevisa config check' shows every problem; meanwhile an alias may "
        "be missing here\n",
        printable(problems.front()).c_str());
  if (json) {
    std::puts(json_array(objects).c_str());
    return kDone;
  }
  for (const ConfiguredName& name : names) {
    std::string alias = printable(name.alias);
    alias.resize(std::max(width, alias.size()) + 2, ' ');
    std::string resource = printable(name.resource);
    resource.resize(std::max(resource_width, resource.size()) + 2, ' ');
    std::printf("%s%s%s\n", colored(stdout, Color::cyan, alias).c_str(), resource.c_str(),
                (name.file + ":" + std::to_string(name.line)).c_str());
  }
  return kDone;
}

// `text` without the alias, wherever in it that stands.
std::string without_alias(std::string text, const std::string& alias, const std::string& file) {
  for (const ConfiguredName& name : configured_names(text, file)) {
    if (!same_alias(name.alias, alias)) continue;
    if (value_in(text, {{"aliases"}}, name.alias) == toml_string(name.resource)) {
      text = without_value(text, {{"aliases"}}, name.alias);
      continue;
    }
    const TableName entry{{"resource"}, name.resource};
    if (value_in(text, entry, "alias") == toml_string(name.alias)) {
      text = without_value(text, entry, "alias");
    } else {
      text = without_element(text, name.line, name.alias);
    }
  }
  return text;
}

void change(const std::string& file, const std::string& alias, const std::string& resource) {
  const std::string before = read_configuration(file);
  try {
    std::string text = without_alias(before, alias, file);
    if (!resource.empty()) text = with_value(text, {{"aliases"}}, alias, toml_string(resource));
    change_configuration(file, before, text);
  } catch (const EditFailure& failure) {
    throw VisaFailure("cannot change " + file + ": " + failure.what());
  }
}

// A name that no file but `file` gives.
void refuse_unknown(const std::string& alias, const std::string& file) {
  std::string others;
  for (const ConfiguredName& name : configured_names()) {
    if (same_alias(name.alias, alias) && name.file != file)
      others += "\n  " + name.file + ":" + std::to_string(name.line) + " has it; --file " +
                name.file + " changes that file";
  }
  if (others.empty()) others = "\n  'freevisa alias' shows all";
  throw VisaFailure("no alias '" + alias + "' in " + file + others);
}

int run(const CommandLine& line) {
  const std::vector<std::string>& words = line.operands();
  if (words.empty() || words[0] == "list") {
    line.want_operands(0, 1, "list");
    return list(line.has("--json"));
  }
  const std::string file = line.value("--file").value_or("");
  const std::string target = file.empty() ? own_configuration_file() : file;
  if (words[0] == "set") {
    line.want_operands(3, 3, "set NAME RESOURCE");
    if (words[1].empty() || words[2].empty())
      throw UsageError{std::string(words[1].empty() ? "NAME" : "RESOURCE") +
                       " is empty: is a variable of the shell not set?"};
    change(target, words[1], words[2]);
    return kDone;
  }
  line.want_operands(2, 2, "remove NAME");
  const std::vector<ConfiguredName> names = configured_names(read_configuration(target), target);
  if (std::none_of(names.begin(), names.end(),
                   [&](const ConfiguredName& name) { return same_alias(name.alias, words[1]); }))
    refuse_unknown(words[1], target);
  change(target, words[1], "");
  return kDone;
}

constexpr Command kCommand = {.name = "alias",
                              .topic = Topic::setup,
                              .summary = "show and change the aliases of instruments",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[list | set NAME RESOURCE | remove NAME]",
                              .least = 0,
                              .most = 3,
                              .actions = kActions,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& alias_command() {
  return kCommand;
}

}  // namespace visa::tool
