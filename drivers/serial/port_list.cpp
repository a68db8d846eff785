// SPDX-License-Identifier: MIT
// A tty with hardware has a link `device` in /sys/class/tty. Ports of the 8250 driver that no chip
// answers for say so in `type`.
#include "drivers/serial/port_list.h"

#include <dirent.h>
#include <sys/stat.h>

#include <climits>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string_view>

namespace visa::drivers::serial {
namespace {

constexpr std::string_view kClass = "/sys/class/tty/";
constexpr std::string_view kById = "/dev/serial/by-id/";

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

std::vector<std::string> entries(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(path.c_str()));
  if (!folder) return names;
  // A stream of one thread. NOLINTNEXTLINE(concurrency-mt-unsafe)
  while (const dirent* entry = ::readdir(folder.get())) {
    if (entry->d_name[0] != '.') names.emplace_back(static_cast<const char*>(entry->d_name));
  }
  return names;
}

std::string real_path(const std::string& path) {
  struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
  };
  const std::unique_ptr<char, Free> real(::realpath(path.c_str(), nullptr));
  return real ? std::string(real.get()) : std::string();
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_device(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISCHR(status.st_mode);
}

/// The first line of a sysfs file in printable ASCII, at most 126 characters: descriptors of USB
/// have no more.
std::string line_of(const std::string& path) {
  constexpr std::size_t kMost = 126;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  if (line.size() > kMost) line.resize(kMost);
  for (char& c : line) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return line;
}

// The USB device is a parent of the interface that the tty belongs to.
void add_usb(PortDescription& port, std::string folder) {
  for (; folder.size() > 1 && folder.rfind('/') != std::string::npos;
       folder.resize(folder.rfind('/'))) {
    if (!exists(folder + "/idVendor")) continue;
    port.usb_ids = line_of(folder + "/idVendor") + ":" + line_of(folder + "/idProduct");
    port.manufacturer = line_of(folder + "/manufacturer");
    port.product = line_of(folder + "/product");
    port.serial_number = line_of(folder + "/serial");
    return;
  }
}

/// The folder of a tty in sysfs.
std::string folder_of(const std::string& name, const std::string& root) {
  return root + std::string(kClass) + name;
}

bool has_hardware(const std::string& folder) {
  return exists(folder + "/device") && line_of(folder + "/type") != "0";
}

/// Links by the real path of the node they lead to.
std::map<std::string, std::string> links_by_node(const std::string& root) {
  const std::string by_id = root + std::string(kById);
  std::map<std::string, std::string> links;
  for (const auto& name : entries(by_id)) {
    links.emplace(real_path(by_id + name), std::string(kById) + name);
  }
  return links;
}

PortDescription describe(const std::string& name, const std::map<std::string, std::string>& links,
                         const std::string& root) {
  PortDescription port;
  port.node = "/dev/" + name;
  const auto link = links.find(real_path(root + port.node));
  if (link != links.end()) port.by_id = link->second;
  add_usb(port, real_path(folder_of(name, root) + "/device"));
  return port;
}

}  // namespace

std::string without_links(const std::string& path) {
  std::string real = real_path(path);
  return real.empty() ? path : real;
}

std::vector<PortDescription> list_ports(const Call& call, const std::string& root) {
  std::vector<PortDescription> ports;
  const auto links = links_by_node(root);
  for (const auto& name : entries(root + std::string(kClass))) {
    if (call.cancelled() || call.deadline.expired()) break;
    if (!has_hardware(folder_of(name, root)) || !is_device(root + "/dev/" + name)) continue;
    ports.push_back(describe(name, links, root));
  }
  return ports;
}

std::string text_of(const PortDescription& port) {
  std::string text = port.product.empty() ? "Serial port" : port.product;
  text += " (" + port.node;
  if (!port.usb_ids.empty()) text += ", USB " + port.usb_ids;
  return text + ")";
}

PortDescription describe_port(const std::string& path) {
  const std::string node = without_links(path);
  const std::string name = node.substr(node.rfind('/') + 1);
  if (node == "/dev/" + name && exists(folder_of(name, "") + "/device")) {
    return describe(name, links_by_node(""), "");
  }
  PortDescription port;
  port.node = node;
  return port;
}

}  // namespace visa::drivers::serial
