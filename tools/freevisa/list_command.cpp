// SPDX-License-Identifier: MIT
// freevisa list: what viFindRsrc gives, as every program sees it.
#include <cstdio>

#include "tools/freevisa/command_line.h"
#include "tools/freevisa/serial_description.h"
#include "tools/freevisa/usb_product.h"
#include "tools/freevisa/visa_session.h"

namespace visa::tool {

namespace {

constexpr Option kOptions[] = {
    {.name = "--long",
     .help =
         "for each name also interface, class and alias, separated by tabs; instead of the "
         "alias, for a name that opens another resource (instead_of in the configuration), "
         "that resource; of USB devices maker and model, of USB serial ports USB ids and product, "
         "too"},
};

constexpr char kAbout[] =
    R"(EXPRESSION is what viFindRsrc takes, '?*' (everything) if it is left out. '?' stands for one
character, '*' and '+' repeat what is before them, '[abc]', '(a|b)' choose; in braces a condition on
attributes may follow. Quote it: the shell has other ideas about these characters.
)";

constexpr char kClosing[] = R"(Examples:
  freevisa list
  freevisa list --long 'TCPIP?*SOCKET'
  freevisa list 'TCPIP?*{VI_ATTR_TCPIP_PORT == 5025}'

Exit codes: 0 something was found, 1 nothing or an error, 2 wrong usage.
)";

int run(const CommandLine& line) {
  const Session manager = open_manager();
  const std::string expression = line.operands().empty() ? "?*" : line.operands().front();
  for (const std::string& name : find_resources(manager, expression)) {
    if (!line.has("--long")) {
      std::puts(name.c_str());
      continue;
    }
    const ParsedName parsed = parse_name(manager, name);
    std::string hardware = usb_product(name);
    if (hardware.empty()) hardware = serial_description(name);
    std::printf("%s\t%s%u\t%s\t%s%s%s\n", name.c_str(),
                std::string(interface_name(parsed.interface_type)).c_str(),
                static_cast<unsigned>(parsed.interface_number), parsed.resource_class.c_str(),
                parsed.alias.c_str(), hardware.empty() ? "" : "\t", hardware.c_str());
  }
  return kDone;
}

constexpr Command kCommand = {.name = "list",
                              .topic = Topic::find,
                              .summary = "print the resource names viFindRsrc finds",
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
