// SPDX-License-Identifier: MIT
// Reads the list that the program was started with.
#include "tools/freevisa/environment.h"

#include <unistd.h>

namespace visa::tool {

std::optional<std::string> environment(std::string_view name) {
  for (char* const* entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (text.size() > name.size() + 1 && text.starts_with(name) && text[name.size()] == '=')
      return std::string(text.substr(name.size() + 1));
  }
  return std::nullopt;
}

}  // namespace visa::tool
