// SPDX-License-Identifier: MIT
// What counts of a file that is no TOML as a whole: one slip of the pen must not cost all
// instruments of a laboratory. A section is what a header such as [[resource]], [settings] or
// [finder.lan] begins, with the tables below it. Pure: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/toml/toml_tree.h"

namespace visa::config {

struct Salvaged {
  struct Loss {
    tomlio::Place place;  // of the mistake
    std::string error;
  };
  tomlio::Table root;        // empty: nothing counts
  std::vector<Loss> losses;  // one for each section left out
};

/// `failed` is what parse_toml says of `text`. Leaves out the sections where the parser stops,
/// twenty at most: a file with more mistakes counts for nothing.
Salvaged salvage(std::string_view text, const tomlio::TomlDocument& failed);

}  // namespace visa::config
