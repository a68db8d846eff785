// SPDX-License-Identifier: MIT
// Finds the process that has a device open, for the message about a busy device. A free function:
// any thread.
#pragma once

#include <string>

namespace visa::drivers::usb {

/// "process 1234 (python3)": the first other process that has the file open; "" when the system
/// tells of none. Only root sees the processes of other users.
std::string holder_of(const std::string& path);

}  // namespace visa::drivers::usb
