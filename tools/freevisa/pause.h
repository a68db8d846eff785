// SPDX-License-Identifier: MIT
// Waiting between readings, ended by Ctrl-C: for subcommands that repeat until the user ends them.
// One thread.
#pragma once

#include <chrono>

namespace visa::tool {

/// From now on Ctrl-C (SIGINT) and SIGTERM end the program no longer, but the pauses below; a
/// second one before take_interrupt() ends the program.
void catch_interrupts();
/// Whether there was one since the last question.
bool take_interrupt() noexcept;
/// False: an interrupt came first, or had come before.
bool pause_until(std::chrono::steady_clock::time_point time);
/// Waits until there is something to read; false as above.
bool wait_for_input(int fd);

}  // namespace visa::tool
