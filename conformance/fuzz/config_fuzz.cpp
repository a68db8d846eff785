// SPDX-License-Identifier: MIT
// Configuration files of any content: loading never fails, and what it keeps is fit for use.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "lib/config/configuration.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Every value has its place, and no text ends before its length says.
void check(const visa::spi::Settings& settings) {
  for (const auto& [key, setting] : settings) {
    demand(setting.origin.starts_with("fuzz.toml:"));
    const auto* text = std::get_if<std::string>(&setting);
    demand(text == nullptr || text->find('\0') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using visa::config::Configuration;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Configuration configuration = Configuration::from_text(text, "fuzz.toml");
  demand(configuration.complete() || !configuration.problems().empty());
  for (const auto& resource : configuration.resources()) {
    demand(configuration.find(resource.name) == &resource);
    for (const auto& alias : resource.aliases) {
      demand(configuration.resolve_alias(alias).has_value());
    }
    for (const auto& name : resource.instead_of) {
      demand(configuration.instead_of(name) == &resource && !(name == resource.parsed));
    }
    const auto alias = configuration.alias_of(resource.parsed);
    demand(alias.empty() || configuration.resolve_alias(alias).has_value());
  }
  for (const auto& [name, settings] : configuration.finders()) check(settings);
  for (const auto& resource : configuration.resources()) {
    // What a resource says itself wins, and what its interfaces say is there, too.
    const auto settings = configuration.settings_for(resource.parsed);
    check(settings);
    for (const auto& [key, value] : resource.transport) demand(settings.at(key) == value);
    if (const auto board = visa::config::board_of(resource.parsed)) {
      demand(visa::config::parse_interface_name(board->canonical()) == board);
      if (const auto* interface = configuration.find(*board)) {
        for (const auto& [key, value] : interface->settings) demand(settings.contains(key));
      }
    }
  }
  if (const auto name = visa::config::parse_interface_name(text)) {
    demand(visa::config::parse_interface_name(name->canonical()) == name);
  }
  demand(configuration.every_file_read() || !configuration.complete());
  for (const auto& line : configuration.problems()) demand(!line.empty() && line.size() < 2000);
  return 0;
}
