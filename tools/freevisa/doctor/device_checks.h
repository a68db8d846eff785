// SPDX-License-Identifier: MIT
// Checks of what is attached to this computer: permissions of USB instruments and serial ports,
// udev rules, drivers of the kernel and programs that are in the way. Opens no device. One thread.
#pragma once

#include <string>

#include "tools/freevisa/doctor/finding.h"
#include "tools/freevisa/doctor/system_view.h"

namespace visa::tool {

/// USBTMC instruments: node, rules, the kernel's driver.
Findings check_usb(const SystemView& system);
/// Serial ports of USB converters, and `port` ("/dev/ttyS0"), which may be "".
Findings check_serial(const SystemView& system, const std::string& port);

}  // namespace visa::tool
