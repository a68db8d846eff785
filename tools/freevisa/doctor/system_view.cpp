// SPDX-License-Identifier: MIT
// Symbolic links of /proc and /sys are read as they are, so that a root of a test needs no real
// one.
#include "tools/freevisa/doctor/system_view.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "tools/freevisa/environment.h"
#include "tools/freevisa/system_files.h"

namespace visa::tool {
namespace {

namespace fs = std::filesystem;

std::string group_of(const std::string& node) {
  struct stat info {};
  if (::stat(node.c_str(), &info) != 0) return system_files::kGroup;
  std::array<char, 1024> buffer{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(info.st_gid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->gr_name : std::to_string(info.st_gid);
}

}  // namespace

SystemView this_system() {
  SystemView system;
  system.may_use = [](const std::string& file) { return ::access(file.c_str(), R_OK | W_OK) == 0; };
  if (const auto user = environment("USER")) system.user = *user;
  return system;
}

std::string line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  for (char& c : line) c = c >= ' ' && c <= '~' ? c : '?';
  return line;
}

bool file_has(const std::string& path, std::string_view word) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find(word) != std::string::npos) return true;
  }
  return false;
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    found.push_back(at->path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string rules_file(const SystemView& system, std::string_view name) {
  for (const char* const folder : {"/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"}) {
    std::error_code error;
    std::string file = system.root + folder + "/udev/rules.d/" + std::string(name);
    if (fs::exists(file, error)) return file;
  }
  return "";
}

std::string usb_description(const fs::path& device) {
  std::string text = line_of(device / "idVendor") + ":" + line_of(device / "idProduct");
  for (const char* const part : {"manufacturer", "product", "serial"}) {
    if (const std::string one = line_of(device / part); !one.empty()) text += " " + one;
  }
  return text;
}

std::string usb_node(const fs::path& device) {
  std::array<char, 64> node{};
  std::snprintf(node.data(), node.size(), "/dev/bus/usb/%03lu/%03lu",
                std::strtoul(line_of(device / "busnum").c_str(), nullptr, 10),
                std::strtoul(line_of(device / "devnum").c_str(), nullptr, 10));
  return node.data();
}

std::string fix_of_permission(const SystemView& system, const std::string& node) {
  if (group_of(system.root + node) == "root") {  // nobody should join that
    return "the rule has not been applied yet: sudo udevadm control --reload && sudo udevadm "
           "trigger, or plug it in anew";
  }
  return "sudo usermod -aG " + group_of(system.root + node) + " " + system.user +
         ", then log in anew (or, for this shell alone: newgrp " + group_of(system.root + node) +
         ")";
}

std::vector<std::string> holders_of(const SystemView& system, const std::string& file) {
  std::vector<std::string> found;
  for (const fs::path& process : entries(system.root + "/proc")) {
    const std::string number = process.filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code error;
    for (fs::directory_iterator at(process / "fd", error), end; !error && at != end;
         at.increment(error)) {
      std::error_code unreadable;
      if (fs::read_symlink(at->path(), unreadable) != fs::path(file)) continue;
      found.push_back(line_of(process / "comm") + " (" + number + ")");
      break;
    }
  }
  return found;
}

bool is_running(const SystemView& system, const std::string& name) {
  constexpr std::size_t kMostComm = 15;  // the kernel keeps no more of a name
  const auto processes = entries(system.root + "/proc");
  return std::any_of(processes.begin(), processes.end(), [&name](const fs::path& process) {
    const std::string number = process.filename().string();
    return number.find_first_not_of("0123456789") == std::string::npos &&
           line_of(process / "comm") == name.substr(0, kMostComm);
  });
}

}  // namespace visa::tool
