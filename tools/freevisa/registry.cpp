// SPDX-License-Identifier: MIT
// Puts the generated table of subcommands into the order of the help.
#include "tools/freevisa/registry.h"

#include <algorithm>
#include <tuple>

namespace visa::tool {

std::span<const Command* const> commands() {
  static const std::vector<const Command*> kSorted = [] {
    std::vector<const Command*> all = registered_commands();
    std::sort(all.begin(), all.end(), [](const Command* a, const Command* b) {
      return std::tie(a->topic, a->name) < std::tie(b->topic, b->name);
    });
    return all;
  }();
  return kSorted;
}

const Command* find_command(std::string_view name) {
  for (const Command* const command : commands())
    if (command->name == name) return command;
  return nullptr;
}

}  // namespace visa::tool
