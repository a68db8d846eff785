// SPDX-License-Identifier: MIT
// freevisa list: what viFindRsrc gives, as every program sees it. A table for people, names or JSON
// for programs; nothing is opened unless --identify asks for it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/identify.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/lan_announcements.h"
#include "tools/freevisa/own_trace.h"
#include "tools/freevisa/serial_description.h"
#include "tools/freevisa/terminal.h"
#include "tools/freevisa/usb_product.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--identify",
     .letter = "-i",
     .help = "ask each instrument '*IDN?', several at once. Serial ports that no configuration "
             "names are left alone: what is connected there may not be an instrument."},
    {.name = "--timeout",
     .value = "MS",
     .help = "for opening and for the answer of each with --identify, 2000 if left out",
     .number = Number{1, 600000, 2000}},
    {.name = "--table", .help = "the table, also when standard output is no terminal"},
    {.name = "--long",
     .help = "for each name also interface, class and alias, separated by tabs; instead of the "
             "alias, for a name that opens another resource (instead_of in the configuration), "
             "that resource; of USB devices maker and model, of USB serial ports USB ids and "
             "product, too"},
    {.name = "--json", .help = "a JSON array with an object for each"},
};

constexpr char kAbout[] =
    R"(On a terminal a table: the name, its alias, the instrument as far as it is known without opening it,
and how it was found. Otherwise the names alone, one a line. With a FREEVISA_TRACE of yours it does
not say by which protocol the network answered.

EXPRESSION is what viFindRsrc takes, '?*' (everything) if it is left out. '?' stands for one
character, '*' and '+' repeat what is before them, '[abc]', '(a|b)' choose; in braces a condition on
attributes may follow. Quote it: the shell has other ideas about these characters.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa list
  freevisa list --identify
  freevisa list --json 'USB?*'
  freevisa list --long 'TCPIP?*SOCKET'
  freevisa list 'TCPIP?*{VI_ATTR_TCPIP_PORT == 5025}'

Exit codes: 0 something was found, 1 nothing or an error, 2 wrong usage.
)";

struct Found {
  std::string name;
  ParsedName parsed;
  std::string model;  // as far as the system or the instrument says
  std::string_view how;
  Identity identity;  // with --identify
};

// Whose trace is the user's tells nothing of the network here.
std::string_view how_found(const Found& found, const std::vector<std::string>& configured,
                           bool traced) {
  if (std::find(configured.begin(), configured.end(), found.parsed.full_name) != configured.end())
    return "configuration";
  switch (found.parsed.interface_type) {
    case VI_INTF_USB:
      return "USB";
    case VI_INTF_ASRL:
      return "serial port";
    case VI_INTF_TCPIP:  // what no host announced has answered the other question
      return traced ? "VXI-11 broadcast" : "network";
    default:
      return "interface";
  }
}

// The resources that the configuration names, spelled as viFindRsrc spells them.
std::vector<std::string> configured_resources(const Session& manager) {
  std::vector<std::string> names;
  for (const ConfiguredName& one : configured_names()) {
    try {
      names.push_back(parse_name(manager, one.resource).full_name);
    } catch (const VisaFailure&) {
      continue;  // a mistake of the configuration, which open_manager() has told
    }
  }
  return names;
}

// The resources of hosts that announce themselves. A search that is not answered from what the
// first one found takes too long to be made for each host.
void add_announcements(const Session& manager, std::vector<Found>& all) {
  constexpr std::chrono::milliseconds kRemembered{300};
  const std::string trace = kept_trace();
  for (const Announcement& one : announcements_in(trace)) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::string> names;
    try {
      names = find_resources(
          manager, "TCPIP?*(INSTR|SOCKET){VI_ATTR_TCPIP_HOSTNAME == \"" + one.host + "\"}");
    } catch (const VisaFailure&) {
      names.clear();
    }
    for (Found& found : all) {
      if (std::find(names.begin(), names.end(), found.name) == names.end()) continue;
      if (found.model.empty()) found.model = printable(one.model);
      if (found.how != "configuration") found.how = "mDNS";
    }
    if (std::chrono::steady_clock::now() - begin > kRemembered) return;
  }
}

std::vector<Found> find(const Session& manager, const std::string& expression) {
  const std::vector<std::string> configured = configured_resources(manager);
  const bool traced = !kept_trace().empty();
  std::vector<Found> all;
  for (std::string& name : find_resources(manager, expression)) {
    Found found;
    found.parsed = parse_name(manager, name);
    found.model = usb_product(name);
    if (found.model.empty()) found.model = serial_description(name);
    found.name = std::move(name);
    found.how = how_found(found, configured, traced);
    all.push_back(std::move(found));
  }
  add_announcements(manager, all);
  return all;
}

void identify_all(const Session& manager, std::vector<Found>& all, std::uint32_t timeout) {
  std::vector<std::string> names;
  std::vector<Found*> asked;
  for (Found& found : all) {
    if (found.how == "serial port") {
      found.identity.problem = "not asked: a serial port that no configuration names";
      continue;
    }
    if (found.parsed.resource_class != "INSTR" && found.parsed.resource_class != "SOCKET") {
      found.identity.problem = "not asked: a resource of the class " + found.parsed.resource_class;
      continue;
    }
    names.push_back(found.name);
    asked.push_back(&found);
  }
  std::vector<Identity> identities = identify(manager, names, timeout);
  for (std::size_t i = 0; i < asked.size(); ++i) asked[i]->identity = std::move(identities[i]);
}

std::string model_text(const Found& found) {
  if (!found.identity.answer.empty()) return printable(found.identity.answer);
  if (!found.identity.problem.empty())
    return (found.model.empty() ? "" : found.model + " ") + "(" + found.identity.problem + ")";
  return found.model.empty() ? "-" : found.model;
}

void print_table(const std::vector<Found>& all) {
  using Row = std::array<std::string, 4>;
  std::vector<Row> rows = {{"RESOURCE", "ALIAS", "INSTRUMENT", "FOUND"}};
  for (const Found& found : all) {
    rows.push_back({found.name, found.parsed.alias.empty() ? "-" : found.parsed.alias,
                    model_text(found), std::string(found.how)});
  }
  std::array<std::size_t, 4> width{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string cell = row[i];
      if (i + 1 < row.size()) cell.resize(width[i] + 2, ' ');
      const bool known = i == 2 && row[i] != "-";
      const Color color = &row == &rows.front() ? Color::bold
                          : i == 0              ? Color::cyan
                          : known               ? Color::green
                                                : Color::plain;
      line += colored(stdout, color, cell);
    }
    std::puts(line.c_str());
  }
}

void print_json(const std::vector<Found>& all, bool identified) {
  std::string text = "[";
  for (const Found& found : all) {
    JsonObject one;
    one.text("resource", found.name)
        .text("alias", found.parsed.alias)
        .text("interface", std::string(interface_name(found.parsed.interface_type)) +
                               std::to_string(found.parsed.interface_number))
        .text("class", found.parsed.resource_class)
        .text("model", found.model)
        .text("found", found.how);
    if (identified) {
      one.text("identity", found.identity.answer).text("problem", found.identity.problem);
    }
    text += (text.size() > 1 ? ",\n " : "") + one.str();
  }
  std::puts((text + "]").c_str());
}

void print_long(const std::vector<Found>& all) {
  for (const Found& found : all) {
    std::printf("%s\t%s%u\t%s\t%s%s%s\n", found.name.c_str(),
                std::string(interface_name(found.parsed.interface_type)).c_str(),
                static_cast<unsigned>(found.parsed.interface_number),
                found.parsed.resource_class.c_str(), found.parsed.alias.c_str(),
                found.model.empty() ? "" : "\t", found.model.c_str());
  }
}

int run(const CommandLine& line) {
  keep_trace(false);
  const Session manager = open_manager();
  const std::string expression = line.operands().empty() ? "?*" : line.operands().front();
  std::vector<Found> all = find(manager, expression);
  const bool identified = line.has("--identify");
  if (identified) identify_all(manager, all, line.number("--timeout"));
  if (line.has("--json")) {
    print_json(all, identified);
  } else if (line.has("--long")) {
    print_long(all);
  } else if (line.has("--table") || identified || is_terminal(stdout)) {
    print_table(all);
  } else {
    for (const Found& found : all) std::puts(found.name.c_str());
  }
  return kDone;
}

constexpr Command kCommand = {.name = "list",
                              .topic = Topic::find,
                              .summary = "list the instruments that viFindRsrc finds",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[EXPRESSION]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& list_command() {
  return kCommand;
}

}  // namespace visa::tool
