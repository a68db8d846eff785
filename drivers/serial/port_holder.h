// SPDX-License-Identifier: MIT
// Names the process that has a port open, so that the user knows what to end. Free functions: any
// thread.
#pragma once

#include <string>

#include "lib/base/call.h"

namespace visa::drivers::serial {

/// "/dev/ttyUSB0: process 1234 (minicom) has the port open; ...", without the process when the
/// system does not tell. Ends at the deadline of `call`.
std::string busy_text(const std::string& path, const Call& call);

}  // namespace visa::drivers::serial
