// SPDX-License-Identifier: MIT
// freevisa info: the library without a name, or one resource with all its attributes.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/freevisa/attribute_table.h"
#include "tools/freevisa/command_line.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/installed_libraries.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening, 5000 if left out",
     .number = Number{1, 4000000000U, 5000}},
    {.name = "--no-open", .help = "only what the name says"},
    {.name = "--json", .help = "a JSON object; of a resource with the member \"attributes\""},
};

constexpr char kAbout[] =
    R"(Without NAME: which file the VISA library is, its vendor, versions and drivers, where its locks meet
those of other processes, the first problem of the configuration, how many resources it knows, and
every VISA library of the loader's cache, with the one that PyVISA takes without an argument.
With NAME, a resource name or an alias: its full name, interface, class and alias, and, after
opening it, all its attributes by name and value. Nothing is sent to the instrument.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa info
  freevisa info scope
  freevisa info --json scope

Exit codes: 0 done, 1 a VISA error, 2 wrong usage.
)";

// The rows of an answer, printed when all are there: a table or one JSON object.
class Rows {
 public:
  void add(std::string name, std::string value) {
    json_.text(name, value);
    rows_.emplace_back(std::move(name), std::move(value));
  }
  void add_number(std::string name, std::int64_t number) {
    json_.integer(name, number);
    rows_.emplace_back(std::move(name), std::to_string(number));
  }
  // A row for each value, or for the lack of one; in JSON one array.
  void add_list(const std::string& name, const std::vector<std::string>& values, std::string none) {
    std::vector<std::string> quoted;
    for (const std::string& value : values) {
      quoted.push_back(json_string(value));
      rows_.emplace_back(name, value);
    }
    if (values.empty()) rows_.emplace_back(name, std::move(none));
    json_.value(name, json_array(quoted));
  }
  // Rows of their own after an empty line; in JSON the member `name`.
  void add_attributes(ViSession session) {
    JsonObject members;
    rows_.emplace_back("", "");
    for (const Attribute& attribute : attributes()) {
      const auto value = read_attribute(session, attribute);
      if (!value) continue;
      if (attribute.form == Attribute::Form::boolean) {
        members.boolean(attribute.name, value->number != 0);
      } else if (value->number) {
        members.integer(attribute.name, *value->number);
      } else {
        members.text(attribute.name, value->text);
      }
      rows_.emplace_back(attribute.name,
                         value->number ? value->text : "\"" + printable(value->text) + "\"");
    }
    json_.value("attributes", members.str());
  }
  void print(bool json) const {
    if (json) {
      std::puts(json_.str().c_str());
      return;
    }
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, row.first.size());
    for (const auto& [name, value] : rows_) {
      std::string cell = name;
      if (!name.empty()) cell.resize(width + 2, ' ');
      std::puts((colored(stdout, Color::cyan, cell) + value).c_str());
    }
  }

 private:
  JsonObject json_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

// The file viOpenDefaultRM came from: with several VISA libraries installed, the first question.
std::string library_file() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&viOpenDefaultRM), &info) == 0 ||
      info.dli_fname == nullptr) {
    return "unknown";
  }
  return info.dli_fname;
}

// FreeVISA tells the drivers it was built with in its text for VI_ERROR_LIBRARY_NFOUND; empty for
// the library of another vendor, which tells nothing of the kind.
std::string drivers_of(const Session& manager) {
  constexpr std::string_view kMark = "has the drivers: ";
  std::array<ViChar, 256> text{};
  if (viStatusDesc(manager.get(), VI_ERROR_LIBRARY_NFOUND, text.data()) < VI_SUCCESS) return "";
  const std::string_view told = text.data();
  const std::size_t mark = told.find(kMark);
  return mark == std::string_view::npos ? "" : std::string(told.substr(mark + kMark.size()));
}

// Whether other processes see the locks: the text for an unlocking that unlocks nothing says it.
std::string reach_of_locks(const Session& manager) {
  std::array<ViChar, VI_FIND_BUFLEN> text{};
  const ViStatus status = viUnlock(manager.get());
  viStatusDesc(manager.get(), status, text.data());
  constexpr const char* kMark = "; locks ";
  const char* const found = std::strstr(text.data(), kMark);
  return found == nullptr ? "unknown" : found + std::strlen(kMark);
}

// Each VISA library of the loader's cache, and what PyVISA does with them.
void add_installed(Rows& rows) {
  const std::string choice = pyvisa_choice();
  std::vector<std::string> lines;
  for (const InstalledLibrary& library : installed_libraries()) {
    std::string line = library.path + ": ";
    line += library.problem.empty() ? library.vendor + " " + library.version : library.problem;
    if (library.taken && choice.empty()) line += "; PyVISA takes this one";
    lines.push_back(std::move(line));
  }
  rows.add_list("installed", lines, "no libvisa is in the loader's cache");
  if (!choice.empty()) rows.add("PyVISA goes by", choice);
}

std::int64_t count_resources(const Session& manager) {
  ViFindList list = VI_NULL;
  ViUInt32 count = 0;
  std::array<ViChar, VI_FIND_BUFLEN> first{};
  const ViStatus status = viFindRsrc(manager.get(), "?*", &list, &count, first.data());
  if (status >= VI_SUCCESS) {
    viClose(list);
  } else if (status != VI_ERROR_RSRC_NFOUND) {
    check(status, manager.get(), "cannot look for resources");
  }
  return count;
}

void add_library(Rows& rows, const Session& manager, const std::string& configuration) {
  rows.add("library", library_file());
  rows.add("vendor", text_attribute(manager.get(), VI_ATTR_RSRC_MANF_NAME));
  ViVersion version = 0;
  if (viGetAttribute(manager.get(), VI_ATTR_RSRC_IMPL_VERSION, &version) >= VI_SUCCESS)
    rows.add("implementation version", version_text(version));
  if (viGetAttribute(manager.get(), VI_ATTR_RSRC_SPEC_VERSION, &version) >= VI_SUCCESS)
    rows.add("specification version", version_text(version));
  rows.add("configuration", configuration);
  for (const ConfigurationFile& file : configuration_files())
    if (file.exists) rows.add("configuration (" + std::string(file.role) + ")", file.path);
  if (const std::string drivers = drivers_of(manager); !drivers.empty())
    rows.add("drivers", drivers);
  rows.add("locks", reach_of_locks(manager));
  rows.add_number("resources known", count_resources(manager));
  add_installed(rows);
}

int run(const CommandLine& line) {
  const auto timeout = line.number("--timeout");
  std::string configuration = "no problem";
  const Session manager = open_manager(&configuration);
  Rows rows;
  if (line.operands().empty()) {
    add_library(rows, manager, configuration);
    rows.print(line.has("--json"));
    return kDone;
  }
  const std::string& name = line.operands().front();
  const ParsedName parsed = parse_name(manager, name);
  rows.add("name", parsed.full_name);
  rows.add("interface", std::string(interface_name(parsed.interface_type)) + " " +
                            std::to_string(parsed.interface_number));
  rows.add("class", parsed.resource_class);
  rows.add("alias", parsed.alias.empty() ? "-" : parsed.alias);
  if (!line.has("--no-open")) {
    const Session session = open_resource(manager, name, timeout);
    rows.add_attributes(session.get());
  }
  rows.print(line.has("--json"));
  return kDone;
}

constexpr Command kCommand = {.name = "info",
                              .topic = Topic::find,
                              .summary = "show the library, or what is known of one resource",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[NAME]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& info_command() {
  return kCommand;
}

}  // namespace visa::tool
