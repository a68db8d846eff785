// SPDX-License-Identifier: MIT
// freevisa config: which files count, what is wrong with them, and changes of single settings.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/freevisa/answer_output.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/configuration_change.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/environment.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/started_program.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/toml_edit.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr std::string_view kActions[] = {"files", "check", "edit", "get", "set", "unset"};

constexpr Option kOptions[] = {
    {.name = "--file",
     .value = "FILE",
     .help = "the file to check, read or change; otherwise what FREEVISA_CONFIG names, or the "
             "user's, and for check all that programs read"},
    {.name = "--json", .help = "JSON: of files and check"},
};

constexpr char kAbout[] =
    R"(files (or nothing): the files that programs read, the later ones override the earlier.
check: what is wrong with them, with file, line and column, and what was expected. A setting that
only a driver understands is looked at when a resource is opened, not here.
edit: opens a copy of one file in VISUAL or EDITOR, and takes it over if it has no new mistake.
get KEY, set KEY VALUE, unset KEY: one value of one file. Comments and everything else stay as they
are; what the library would not understand is not written.

KEY is a section and a key, with a name between them where the section has entries:
  settings.connect_timeout_ms         finder.lan.search
  interface.TCPIP.keepalive_idle_s    resource.TCPIP::192.168.1.20::inst0::INSTR.listed
  credential.lab.user                 aliases.dmm
VALUE is a number, true, false, a list as TOML has it, or a text. docs/configuration.md has all
keys.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa config check
  freevisa config set finder.lan.search false
  freevisa config unset settings.connect_timeout_ms

Exit codes: 0 done and nothing wrong, 1 something is wrong, or there is no such value,
2 wrong usage.
)";

int show_files(bool json) {
  std::vector<std::string> objects;
  for (const ConfigurationFile& file : configuration_files()) {
    objects.push_back(JsonObject()
                          .text("file", file.path)
                          .text("role", file.role)
                          .boolean("exists", file.exists)
                          .str());
    if (json) continue;
    std::printf("%-15s  %s%s\n", std::string(file.role).c_str(), file.path.c_str(),
                file.exists ? "" : colored(stdout, Color::dim, " (none)").c_str());
  }
  if (json) std::puts(json_array(objects).c_str());
  return kDone;
}

int check_files(const CommandLine& line) {
  const auto file = line.value("--file");
  if (file && !std::filesystem::exists(*file)) throw VisaFailure("there is no file " + *file);
  std::vector<std::string> objects;
  const std::vector<std::string> problems = configuration_problems(file.value_or(""));
  for (const std::string& problem : problems) {
    objects.push_back(json_string(problem));
    if (!line.has("--json")) std::puts(printable(problem).c_str());
  }
  if (line.has("--json")) std::puts(json_array(objects).c_str());
  return problems.empty() ? kDone : kFailed;
}

struct Key {
  TableName table;
  std::string key;
};

Key parse_key(const std::string& text) {
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == std::string::npos || first == 0 || last + 1 == text.size())
    throw UsageError{"'" + text + "' is no SECTION.KEY, as settings.connect_timeout_ms is"};
  const std::string section = text.substr(0, first);
  const std::string name = first == last ? "" : text.substr(first + 1, last - first - 1);
  Key key{{{section}}, text.substr(last + 1)};
  const bool entries = section == "interface" || section == "resource" || section == "credential";
  if (entries && name.empty())
    throw UsageError{"'" + text + "' lacks the name of an entry: " + section + ".NAME." + key.key};
  if (entries) {
    key.table.entry = name;
  } else if (!name.empty()) {
    key.table.names.push_back(name);
  }
  return key;
}

int get(const std::string& file, const std::string& name) {
  const Key key = parse_key(name);
  const auto value = value_in(read_configuration(file), key.table, key.key);
  if (!value)
    throw VisaFailure("no " + name + " in " + file +
                      "\n  'freevisa config files' shows the others");
  std::puts(value->c_str());
  return kDone;
}

int change(const std::string& file, const std::string& name, const std::string* value) {
  const Key key = parse_key(name);
  const std::string before = read_configuration(file);
  if (value == nullptr && !value_in(before, key.table, key.key))
    throw VisaFailure("no " + name + " in " + file +
                      "\n  'freevisa config files' shows the others");
  change_configuration(file, before,
                       value != nullptr
                           ? with_value(before, key.table, key.key, toml_literal(*value))
                           : without_value(before, key.table, key.key));
  return kDone;
}

// The shell takes the variable's words apart, as every program does that starts an editor.
int edit(const std::string& file) {
  const std::string editor =
      environment("VISUAL").value_or(environment("EDITOR").value_or("sensible-editor"));
  const std::string before = read_configuration(file);
  const TemporaryFile copy("freevisa-edit", ".toml");
  std::ofstream(copy.path(), std::ios::binary) << before;
  const std::string arguments = "exec " + editor + " \"$1\"";
  const int code = StartedProgram({"sh", "-c", arguments, "sh", copy.path()}, {}).exit_code();
  if (code != 0)
    throw VisaFailure(file + " stays as it was: the editor '" + editor + "' ended with " +
                      std::to_string(code) + "\n  VISUAL or EDITOR names another one");
  const std::string text = read_configuration(copy.path());
  if (text == before) return kDone;
  try {
    change_configuration(file, before, text);
  } catch (const VisaFailure& failure) {
    const std::string kept = file + ".rejected";
    AnswerOutput out(kept);
    out.write(text);
    out.finish();
    throw VisaFailure(failure.text + "\n  What was written is in " + kept);
  }
  return kDone;
}

int run(const CommandLine& line) {
  const std::vector<std::string>& words = line.operands();
  const std::string action = words.empty() ? "files" : words[0];
  if (action == "files" || action == "check") {
    line.want_operands(0, 1, action);
    return action == "files" ? show_files(line.has("--json")) : check_files(line);
  }
  const bool sets = action == "set";
  const std::string given = line.value("--file").value_or("");
  const std::string file = given.empty() ? own_configuration_file() : given;
  if (action == "edit") {
    line.want_operands(1, 1, action);
    return edit(file);
  }
  line.want_operands(sets ? 3 : 2, sets ? 3 : 2, action + (sets ? " KEY VALUE" : " KEY"));
  try {
    if (action == "get") return get(file, words[1]);
    return change(file, words[1], sets ? &words[2] : nullptr);
  } catch (const EditFailure& failure) {
    throw VisaFailure(file + ": " + failure.what());
  }
}

constexpr Command kCommand = {
    .name = "config",
    .topic = Topic::setup,
    .summary = "show, check and change the configuration",
    .about = kAbout,
    .options = kOptions,
    .operands = "[files | check | edit | get KEY | set KEY VALUE | unset KEY]",
    .least = 0,
    .most = 3,
    .actions = kActions,
    .closing = kClosing,
    .run = &run};

}  // namespace

const Command& config_command() {
  return kCommand;
}

}  // namespace visa::tool
