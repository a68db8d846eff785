// SPDX-License-Identifier: MIT
// A file is read anew for each instrument that is made of it.
#include "tools/sim/description/bundled.h"

#include <algorithm>
#include <array>
#include <string>

namespace visa::sim {

std::span<const std::string_view> usual_instruments() noexcept {
  static constexpr std::array<std::string_view, 5> kNames = {"pyvisa", "dmm", "scope", "psu",
                                                             "fgen"};
  return kNames;
}

std::shared_ptr<const Description> bundled_description(std::string_view name) {
  const auto files = bundled_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const BundledFile& file) { return file.name == name; });
  if (found == files.end()) return nullptr;
  return read_description(found->text, std::string(name) + ".toml");
}

}  // namespace visa::sim
