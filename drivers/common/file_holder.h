// SPDX-License-Identifier: MIT
// Names the process that has a device node open, so that the user knows what to end. A free
// function: any thread.
#pragma once

#include <string>

#include "lib/base/call.h"

namespace visa::drivers {

/// "process 1234 (minicom)": the process that has a lock (flock) on the file, or else the first
/// other one that has it open; "" when the system tells of none. Only root sees what the processes
/// of other users have open. Ends at the deadline of `call`, or when that is cancelled.
std::string holder_of(const std::string& path, const Call& call);

}  // namespace visa::drivers
