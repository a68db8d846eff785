// SPDX-License-Identifier: MIT
// The system as the checks of `freevisa doctor` look at it: /sys, /dev, /proc and /etc, from a root
// of its own in tests. Opens no device. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

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

/// The first line, with "?" for what is not printable ASCII; "" where there is none.
std::string line_of(const std::filesystem::path& path);
/// Whether a line of the file has `word`.
bool file_has(const std::string& path, std::string_view word);
/// What is in the folder, in the order of the names.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder);

/// A rule file of udev by its name, in any of the folders that udev reads; "" if there is none.
std::string rules_file(const SystemView& system, std::string_view name);

/// A device on USB by its folder in /sys: "0957:1796 Maker Product Serial".
std::string usb_description(const std::filesystem::path& device);
/// "/dev/bus/usb/001/004"
std::string usb_node(const std::filesystem::path& device);

/// What to do where `node` is not permitted: a command.
std::string fix_of_permission(const SystemView& system, const std::string& node);
/// Names and numbers of the processes that have `file` open, as far as this user may see them:
/// "python3 (1234)".
std::vector<std::string> holders_of(const SystemView& system, const std::string& file);
/// Whether a process of that name runs.
bool is_running(const SystemView& system, const std::string& name);

}  // namespace visa::tool
