// SPDX-License-Identifier: MIT
// A USBTMC interface is of class fe, subclass 03; its folder in /sys is named after its device,
// "1-1.4:1.0", and has a link `driver` while a driver of the kernel is on it.
#include "tools/freevisa/doctor/device_checks.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "tools/freevisa/system_files.h"

namespace visa::tool {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

constexpr const char* kRules = "70-freevisa-usb.rules";

/// A rule in one command, for where none is installed.
std::string make_rules() {
  return std::string(
             "echo 'SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", "
             "ENV{ID_USB_INTERFACES}==\"*:fe03??:*\", GROUP=\"") +
         system_files::kGroup +
         std::string("\", MODE=\"0660\", TAG+=\"uaccess\"' | sudo tee /etc/udev/rules.d/") +
         kRules + " && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb";
}

struct UsbInstrument {
  fs::path interface;
  std::string name;  // "USB instrument 1209:0001 FreeVISA Virtual Multimeter"
  std::string node;  // "/dev/bus/usb/001/004"
};

std::vector<UsbInstrument> usb_instruments(const SystemView& system) {
  std::vector<UsbInstrument> found;
  for (const fs::path& path : entries(system.root + "/sys/bus/usb/devices")) {
    if (line_of(path / "bInterfaceClass") != "fe" || line_of(path / "bInterfaceSubClass") != "03") {
      continue;
    }
    const std::string name = path.filename().string();
    const fs::path device = path.parent_path() / name.substr(0, name.find(':'));
    UsbInstrument one;
    one.interface = path;
    one.name = "USB instrument " + usb_description(device);
    one.node = usb_node(device);
    found.push_back(std::move(one));
  }
  return found;
}

Finding permission_finding(const SystemView& system, const UsbInstrument& one) {
  std::error_code error;
  if (!fs::exists(system.root + one.node, error)) {
    return {Level::problem, "usb", one.name + ": " + one.node + " does not exist",
            "is this a container? bind /dev/bus/usb into it; else plug the instrument in anew"};
  }
  if (!system.may_use(system.root + one.node)) {
    return {
        Level::problem, "usb", one.name + ": no permission for " + one.node,
        !rules_file(system, kRules).empty() ? fix_of_permission(system, one.node) : make_rules()};
  }
  return {Level::good, "usb", one.name + ": " + one.node + " may be used"};
}

/// Nothing if no driver of the kernel is on it.
void add_driver(const SystemView& system, const UsbInstrument& one, Findings& found) {
  std::error_code error;
  const fs::path driver = fs::read_symlink(one.interface / "driver", error);
  if (error) return;
  const std::string name = driver.filename().string();
  const std::string undo = "echo 'blacklist " + name + "' | sudo tee /etc/modprobe.d/freevisa-" +
                           name + ".conf && sudo rmmod " + name;
  bool held = false;
  for (const fs::path& node : entries(one.interface / "usbmisc")) {
    const std::string file = "/dev/" + node.filename().string();
    for (const std::string& holder : holders_of(system, file)) {
      held = true;
      found.push_back({Level::problem, "usb",
                       one.name + ": " + holder + " has it through the kernel's driver " + name +
                           ", " + file + ": viOpen is VI_ERROR_RSRC_BUSY meanwhile",
                       "end that program, or keep the driver away: " + undo});
    }
  }
  if (held) return;
  found.push_back({Level::note, "usb",
                   one.name + ": the kernel's driver " + name +
                       " is on it; FreeVISA takes it off while a session is open, other programs "
                       "and backends may not",
                   "to keep it away: " + undo});
}

}  // namespace

Findings check_usb(const SystemView& system) {
  Findings found;
  const auto instruments = usb_instruments(system);
  for (const UsbInstrument& one : instruments) {
    found.push_back(permission_finding(system, one));
    add_driver(system, one, found);
  }
  if (!instruments.empty()) return found;
  found.push_back({Level::note, "usb", "no USB instrument (USBTMC) is plugged in"});
  if (rules_file(system, kRules).empty()) {
    found.push_back(
        {Level::note, "usb", "no udev rule gives users access to USB instruments", make_rules()});
  }
  return found;
}

Findings check_serial(const SystemView& system, const std::string& port) {
  Findings found;
  std::vector<std::string> nodes;
  for (const fs::path& path : entries(system.root + "/sys/class/tty")) {
    const std::string name = path.filename().string();
    if (name.starts_with("ttyUSB") || name.starts_with("ttyACM")) nodes.push_back("/dev/" + name);
  }
  if (!port.empty() && std::find(nodes.begin(), nodes.end(), port) == nodes.end()) {
    nodes.push_back(port);
  }
  for (const std::string& node : nodes) {
    std::error_code error;
    if (!fs::exists(system.root + node, error)) {
      found.push_back({Level::problem, "serial", node + ": there is no such port",
                       "is the converter plugged in? 'freevisa list' shows the ports there are"});
      continue;
    }
    if (!system.may_use(system.root + node)) {
      found.push_back(
          {Level::problem, "serial", node + ": no permission", fix_of_permission(system, node)});
      continue;
    }
    const auto holders = holders_of(system, node);
    if (holders.empty()) {
      found.push_back({Level::good, "serial", node + " may be used"});
    } else {
      found.push_back({Level::problem, "serial", node + ": " + holders.front() + " has it open",
                       "end that program"});
    }
  }
  if (!nodes.empty() && is_running(system, "ModemManager")) {
    found.push_back(
        {Level::note, "serial",
         "ModemManager runs: it talks to new serial ports for some seconds, and instruments "
         "take that for commands",
         "sudo systemctl disable --now ModemManager"});
  }
  return found;
}

}  // namespace visa::tool
