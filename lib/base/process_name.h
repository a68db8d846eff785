// SPDX-License-Identifier: MIT
// Names other processes in texts for the user. Free functions: any thread.
#pragma once

#include <cstdint>
#include <string>

namespace visa {

/// Identifies the PID namespace of this process, which is that of the computer or of a container.
/// 0: unknown.
std::uint64_t process_space() noexcept;

/// "process 1234 (python3)", without the program's name when the system does not tell it. `space`
/// is the process_space() of the process that gave the number: in another container the same number
/// is another process, so the text then says "of another container" and names no program.
std::string describe_process(std::uint32_t process, std::uint64_t space);

}  // namespace visa
