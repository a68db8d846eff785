// SPDX-License-Identifier: MIT
// One port is asked for by its name: libserialport reads sysfs for that. Its list of all ports is
// not used, because that opens every port of the kernel's 8250 driver, which moves the lines. A
// number that the configuration gives to a port is not known here.
#include "tools/freevisa/serial_description.h"

#include <libserialport.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace visa::tool {
namespace {

namespace fs = std::filesystem;

struct FreePort {
  void operator()(sp_port* port) const noexcept { sp_free_port(port); }
};
using Port = std::unique_ptr<sp_port, FreePort>;

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

/// Null where libserialport knows no port of this name.
Port port_of(const fs::path& node) {
  sp_port* port = nullptr;
  if (sp_get_port_by_name(node.c_str(), &port) != SP_OK) port = nullptr;
  return Port(port);
}

/// The port that a node or a link to one means: libserialport knows it by the kernel's name alone.
Port find_port(fs::path node) {
  constexpr int kMostLinks = 8;
  for (int i = 0; i < kMostLinks && !node.empty(); ++i) {
    if (Port port = port_of(node)) return port;
    std::error_code failed;
    const fs::path target = fs::read_symlink(node, failed);
    if (failed) break;
    node = (node.parent_path() / target).lexically_normal();
  }
  return nullptr;
}

void add_word(std::string& text, const char* word) {
  if (word == nullptr || *word == '\0') return;
  text += ' ';
  for (; *word != '\0'; ++word) text += *word >= ' ' && *word <= '~' ? *word : '?';
}

}  // namespace

std::string serial_description(std::string_view resource_name) {
  const Port port = find_port(node_of(resource_name));
  int vendor = 0;
  int product = 0;
  if (port == nullptr || sp_get_port_usb_vid_pid(port.get(), &vendor, &product) != SP_OK) return {};
  char ids[24];
  std::snprintf(ids, sizeof ids, "%04x:%04x", static_cast<unsigned>(vendor),
                static_cast<unsigned>(product));
  std::string text = ids;
  add_word(text, sp_get_port_usb_manufacturer(port.get()));
  add_word(text, sp_get_port_usb_product(port.get()));
  return text;
}

}  // namespace visa::tool
