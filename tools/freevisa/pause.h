// SPDX-License-Identifier: MIT
// Waiting between readings, ended by an interrupt (interruption.h): for subcommands that repeat
// until the user ends them. One thread.
#pragma once

#include <chrono>

namespace visa::tool {

/// False: an interrupt came first, or had come before.
bool pause_until(std::chrono::steady_clock::time_point time);
/// Waits until there is something to read; false as above.
bool wait_for_input(int fd);

}  // namespace visa::tool
