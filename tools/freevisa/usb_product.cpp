// SPDX-License-Identifier: MIT
// A name has the serial number in ASCII, an underscore for each other character, and where that
// does not tell the device "@" and its port.
#include "tools/freevisa/usb_product.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace visa::tool {
namespace {

namespace fs = std::filesystem;

struct UsbName {
  unsigned long vendor;
  unsigned long product;
  std::string serial;
  std::string port;  // "" where the name has none
};

std::vector<std::string> fields_of(std::string_view text) {
  std::vector<std::string> fields;
  for (;;) {
    const auto end = text.find("::");
    fields.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 2);
  }
}

bool read_name(std::string_view resource, UsbName& name) {
  const auto fields = fields_of(resource);
  if (fields.size() < 5 || !fields[0].starts_with("USB")) return false;
  name.vendor = std::strtoul(fields[1].c_str(), nullptr, 0);
  name.product = std::strtoul(fields[2].c_str(), nullptr, 0);
  const auto mark = fields[3].rfind('@');
  name.serial = fields[3].substr(0, mark);
  if (mark != std::string::npos) name.port = fields[3].substr(mark + 1);
  return true;
}

/// The first line, with "?" for each character that is not printable ASCII.
std::string line_of(const fs::path& file) {
  std::ifstream input(file);
  std::string line;
  std::getline(input, line);
  std::string text;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80) continue;  // goes on with a character
    text += c >= ' ' && c <= '~' ? c : '?';
  }
  return text;
}

unsigned long hexadecimal(const fs::path& file) {
  return std::strtoul(line_of(file).c_str(), nullptr, 16);
}

/// Whether a serial number stands as `written` in a name.
bool same_serial(std::string serial, const std::string& written) {
  for (char& c : serial) {
    if (c == '?' || c == ':' || c == '@') c = '_';
  }
  std::string other = written;
  std::replace(other.begin(), other.end(), '?', '_');
  return serial == other;
}

bool is(const fs::path& device, const UsbName& name) {
  if (hexadecimal(device / "idVendor") != name.vendor) return false;
  if (hexadecimal(device / "idProduct") != name.product) return false;
  if (!name.port.empty()) return device.filename() == name.port;
  return same_serial(line_of(device / "serial"), name.serial);
}

}  // namespace

std::string usb_product(std::string_view resource, const std::string& folder) {
  UsbName name;
  if (!read_name(resource, name)) return "";
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!is(at->path(), name)) continue;
    const std::string maker = line_of(at->path() / "manufacturer");
    const std::string model = line_of(at->path() / "product");
    return maker.empty() || model.empty() ? maker + model : maker + " " + model;
  }
  return "";
}

}  // namespace visa::tool
