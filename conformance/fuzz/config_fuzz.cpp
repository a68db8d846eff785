// SPDX-License-Identifier: MIT
// Configuration files of any content: loading never fails, and what it keeps is fit for use.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/config/configuration.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
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
  demand(configuration.every_file_read() || !configuration.complete());
  for (const auto& line : configuration.problems()) demand(!line.empty() && line.size() < 2000);
  return 0;
}
