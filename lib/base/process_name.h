// SPDX-License-Identifier: MIT
// Other processes, named in texts for the user. Free functions: any thread.
#pragma once

#include <cstdint>
#include <string>

namespace visa {

/// The PID namespace in which this process has its number: that of the computer or of a container.
/// 0: unknown.
std::uint64_t process_space() noexcept;

/// "process 1234 (python3)" with the program's name where the system tells it, else without.
/// `space` is the process_space() of the one who gave the number: in another container the same
/// number is another process, which is not named then, and the text says so.
std::string describe_process(std::uint32_t process, std::uint64_t space);

}  // namespace visa
