// SPDX-License-Identifier: MIT
// freevisa doctor: looks for what keeps instruments from working, and says what to do.
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/configuration_files.h"
#include "tools/freevisa/doctor/device_checks.h"
#include "tools/freevisa/doctor/gpib_checks.h"
#include "tools/freevisa/doctor/instrument_checks.h"
#include "tools/freevisa/doctor/library_checks.h"
#include "tools/freevisa/doctor/network_checks.h"
#include "tools/freevisa/environment.h"
#include "tools/freevisa/json_text.h"
#include "tools/freevisa/registry.h"
#include "tools/freevisa/terminal.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--json",
     .help =
         "an object a line: {\"level\":\"problem\",\"check\":\"usb\",\"text\":...,\"fix\":...}"},
    {.name = "--problems", .help = "only what is wrong"},
};

constexpr char kAbout[] =
    R"(Without NAME: which VISA libraries there are and which one PyVISA takes, mistakes in the
configuration, where locks meet, permissions and drivers of USB instruments, serial ports and GPIB
adapters, network and firewall. GPIB boards are opened; nothing is sent to an instrument.

With NAME, a resource name or an alias, also that instrument: what its host name means, which ports
are open, and what VXI-11, HiSLIP and SOCKET each say to *IDN?, all at once, for some seconds at most.

Each finding that needs one has its fix.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa doctor
  freevisa doctor TCPIP::192.168.1.20::INSTR
  freevisa doctor --problems dmm || echo "not ready"

Exit codes: 0 nothing is wrong, 1 a problem was found, 2 wrong usage.
)";

std::string_view level_name(Finding::Level level) {
  switch (level) {
    case Finding::Level::good:
      return "good";
    case Finding::Level::note:
      return "note";
    case Finding::Level::problem:
      break;
  }
  return "problem";
}

void print_json(const Finding& one) {
  JsonObject object;
  object.text("level", level_name(one.level));
  object.text("check", one.check);
  object.text("text", one.text);
  if (!one.fix.empty()) object.text("fix", one.fix);
  std::puts(object.str().c_str());
}

void print_text(const Finding& one) {
  struct Mark {
    const char* text;
    Color color;
  };
  constexpr Mark kMarks[] = {
      {"  ok     ", Color::green}, {"  note   ", Color::cyan}, {"  PROBLEM", Color::red}};
  const Mark& mark = kMarks[static_cast<std::size_t>(one.level)];
  std::printf("%s %s: %s\n", colored(stdout, mark.color, mark.text).c_str(), one.check.c_str(),
              printable(one.text).c_str());
  if (!one.fix.empty()) {
    std::printf("            %s %s\n", colored(stdout, Color::bold, "fix:").c_str(),
                printable(one.fix).c_str());
  }
}

/// The port of "ASRL/dev/ttyUSB0::INSTR"; "" for every other name.
std::string port_of(const std::string& name) {
  constexpr std::string_view kBegin = "ASRL/";
  if (!name.starts_with(kBegin)) return "";
  return name.substr(kBegin.size() - 1, name.find("::") - kBegin.size() + 1);
}

Findings examine(const CommandLine& line) {
  const SystemView system = this_system();
  Findings all;
  const auto add = [&all](const Findings& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  const std::string name = line.operands().empty() ? "" : line.operands().front();
  add(check_libraries(library_facts(environment("HOME").value_or("/root"))));
  Session manager;
  add(check_configuration(manager));
  add(check_locks(reach_of_locks(manager)));
  add(check_usb(system));
  add(check_serial(system, port_of(name)));
  const auto boards = configured_boards();
  add(check_gpib_system(system, boards));
  add(check_gpib_boards(system, boards, open_board(manager)));
  add(check_network(system));
  if (!name.empty()) add(check_instrument(manager, system, name));
  return all;
}

int run(const CommandLine& line) {
  const Findings all = examine(line);
  std::size_t problems = 0;
  for (const Finding& one : all) {
    const bool problem = one.level == Finding::Level::problem;
    problems += problem ? 1 : 0;
    if (line.has("--problems") && !problem) continue;
    if (line.has("--json")) {
      print_json(one);
    } else {
      print_text(one);
    }
  }
  if (!line.has("--json")) {
    std::printf("%s\n", problems == 0   ? "nothing is wrong"
                        : problems == 1 ? "1 problem"
                                        : (std::to_string(problems) + " problems").c_str());
  }
  return problems == 0 ? kDone : kFailed;
}

constexpr Command kCommand = {.name = "doctor",
                              .topic = Topic::find,
                              .summary = "look for what keeps instruments from working",
                              .about = kAbout,
                              .options = kOptions,
                              .operands = "[NAME]",
                              .least = 0,
                              .most = 1,
                              .closing = kClosing,
                              .run = &run};

}  // namespace

const Command& doctor_command() {
  return kCommand;
}

}  // namespace visa::tool
