// SPDX-License-Identifier: MIT
// The instrument files that are part of the program (instruments/*.toml), so that the bench runs
// without being installed. Constant; any thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "tools/sim/description/description.h"

namespace visa::sim {

struct BundledFile {
  std::string_view name;  ///< of the file, without ".toml"
  std::string_view text;
};

std::span<const BundledFile> bundled_files() noexcept;
/// The names of what a bench serves when nothing is asked for, in the order of their ports.
std::span<const std::string_view> usual_instruments() noexcept;
/// Null if there is no such file.
std::shared_ptr<const Description> bundled_description(std::string_view name);

}  // namespace visa::sim
