// SPDX-License-Identifier: MIT
// Where configuration comes from, and the reading of one file that may be anything: missing, a
// folder, a pipe, endless. Touches the file system, never the environment's contents. Any thread,
// as long as the host changes no environment variable meanwhile.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "lib/config/problem_log.h"

namespace visa::config {

struct Source {
  enum class Kind {
    system,    // may be missing
    user,      // may be missing, and in a home folder this process may not enter
    explicit_  // FREEVISA_CONFIG: must be there
  };
  std::string path;
  Kind kind;
};

/// In the order of loading; a later one overrides.
using Sources = std::vector<Source>;

/// /etc/freevisa/freevisa.toml, the same below the installation's own configuration folder where
/// that is another (/usr/local/etc), $XDG_CONFIG_HOME/freevisa/freevisa.toml (or under ~/.config),
/// $FREEVISA_CONFIG. A program with raised privileges gets none of the last two.
Sources default_sources();

inline constexpr std::size_t kLargestFile = std::size_t{1} << 20;

/// The text of the file; nothing when it is missing and may be, or, with a line in `problems`, when
/// it cannot be read. `open_to_others`, if given, is set where users other than its owner may read
/// it.
std::optional<std::string> read_source(const Source& source, ProblemLog& problems,
                                       bool* open_to_others = nullptr);

}  // namespace visa::config
