// SPDX-License-Identifier: MIT
// The environment of the command. getenv() promises nothing to programs with threads, and the bench
// has some; nothing here changes the environment after main() has begun. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace visa::tool {

/// The value of the variable `name`; nothing if it is not set or empty.
std::optional<std::string> environment(std::string_view name);

}  // namespace visa::tool
