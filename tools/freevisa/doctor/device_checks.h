// SPDX-License-Identifier: MIT
// Checks of what is attached to this computer: permissions of USB instruments and serial ports,
// udev rules, drivers of the kernel and programs that are in the way. Reads /sys, /dev and /proc;
// opens no device. One thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/freevisa/doctor/finding.h"

namespace visa::tool {

/// Where the system is looked at. Tests have a system of their own.
struct SystemView {
  std::string root;  ///< before "/sys", "/dev", "/proc", "/etc" and "/usr"
  /// Whether this user may read and write the file, which is given with `root`.
  std::function<bool(const std::string&)> may_use;
  std::string user = "$USER";  ///< for commands that a user is to type
};
/// This computer and this user.
SystemView this_system();

/// USBTMC instruments: node, rules, the kernel's driver.
Findings check_usb(const SystemView& system);
/// Serial ports of USB converters, and `port` ("/dev/ttyS0"), which may be "".
Findings check_serial(const SystemView& system, const std::string& port);

/// What to do where `node` is not permitted: a command.
std::string fix_of_permission(const SystemView& system, const std::string& node);
/// Names and numbers of the processes that have `file` open, as far as this user may see them:
/// "python3 (1234)".
std::vector<std::string> holders_of(const SystemView& system, const std::string& file);
/// Whether a process of that name runs.
bool is_running(const SystemView& system, const std::string& name);

}  // namespace visa::tool
