// SPDX-License-Identifier: MIT
// A tty with hardware has a link `device` in /sys/class/tty. A number that the configuration gives
// to a port is not known here.
#include "tools/freevisa/serial_description.h"

#include <charconv>
#include <filesystem>
#include <fstream>

namespace visa::tool {
namespace {

namespace fs = std::filesystem;

std::string line_of(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  for (char& c : line) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return line;
}

/// The node that a name means without a configuration; empty if none.
fs::path node_of(std::string_view name) {
  constexpr std::string_view kBegin = "ASRL";
  if (!name.starts_with(kBegin)) return {};
  name.remove_prefix(kBegin.size());
  name = name.substr(0, name.find("::"));
  if (name.starts_with('/')) return fs::path(name);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number == 0) return {};
  return "/dev/ttyS" + std::to_string(number - 1);
}

}  // namespace

std::string serial_description(std::string_view resource_name, const std::string& root) {
  const fs::path named = node_of(resource_name);
  if (named.empty()) return {};
  std::error_code failed;
  const fs::path node = fs::canonical(root + named.string(), failed);
  if (failed) return {};
  const std::string device = root + "/sys/class/tty/" + node.filename().string() + "/device";
  fs::path folder = fs::canonical(device, failed);
  if (failed) return {};
  // The USB device is a parent of the interface that the tty belongs to.
  for (; folder.has_relative_path(); folder = folder.parent_path()) {
    if (!fs::exists(folder / "idVendor", failed)) continue;
    std::string text = line_of(folder / "idVendor") + ":" + line_of(folder / "idProduct");
    for (const char* const part : {"manufacturer", "product"}) {
      if (const std::string word = line_of(folder / part); !word.empty()) text += " " + word;
    }
    return text;
  }
  return {};
}

}  // namespace visa::tool
