// SPDX-License-Identifier: MIT
// The ids are those of NI's, Agilent's and Xyphro's adapters, of which some have two: one before
// their firmware is loaded. An FTDI chip may be anything, so an LPVO is not recognised.
#include "tools/freevisa/doctor/gpib_checks.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

namespace visa::tool {
namespace {

namespace fs = std::filesystem;
using Level = Finding::Level;

constexpr std::string_view kRules = "70-freevisa-gpib.rules";    // of boards of the kernel
constexpr std::string_view kUsbRules = "70-freevisa-usb.rules";  // of adapters at USB
/// Beside the installed file, which has the same name in every folder.
constexpr std::string_view kOwnRules = "70-freevisa-gpib-usb.rules";
constexpr std::uint32_t kPatience = 2000;  // ms

struct Adapter {
  /// `waits`: the first viOpen gives it its firmware. `kernel_only`: FreeVISA does not drive it.
  enum class State : unsigned char { ready, waits, kernel_only, boot_loader };
  std::string_view id;  // "3923:709b"
  std::string_view model;
  State state = State::ready;
  std::string_view firmware = {};  // the file that it needs at each start
  /// Only with an interface of a vendor's class: with that of USBTMC it is a USB instrument.
  bool vendor_class = false;
};
constexpr Adapter kAdapters[] = {
    {"3923:709b", "NI GPIB-USB-HS"},
    {"3923:7618", "NI GPIB-USB-HS+"},
    {"3923:761e", "NI GPIB-USB-HS+", Adapter::State::boot_loader},
    {"3923:725c", "Keithley KUSB-488A"},
    {"3923:725d", "MCC USB-488"},
    {"3923:702a", "NI GPIB-USB-B", Adapter::State::kernel_only, "niusbb_firmware.hex"},
    {"3923:702b", "NI GPIB-USB-B", Adapter::State::kernel_only, "niusbb_firmware.hex"},
    {"3923:713b", "Keithley KUSB-488", Adapter::State::kernel_only, "niusbb_firmware.hex"},
    {"0957:0107", "Agilent 82357A"},
    {"0957:0007", "Agilent 82357A", Adapter::State::waits, "82357a_fw.hex"},
    {"0957:0718", "Agilent 82357B"},
    {"0957:0518", "Agilent 82357B", Adapter::State::waits, "measat_releaseX1.8.hex"},
    {"03eb:2065", "Xyphro UsbGpib", Adapter::State::ready, {}, true},
    {"16d0:1466", "Xyphro GPIBee", Adapter::State::ready, {}, true},
};
/// Where the library looks for firmware, after the setting `firmware`.
constexpr std::string_view kFirmwareFolders[] = {"/usr/share/usb/agilent_82357a/",
                                                 "/usr/local/share/usb/agilent_82357a/",
                                                 "/lib/firmware/agilent_82357a/", "/lib/firmware/"};

/// The modules of the kernel that drive boards.
constexpr std::string_view kModules[] = {
    "ni_usb_gpib",    "agilent_82357a", "lpvo_usb_gpib", "xyphro_ugc", "tnt4882",
    "agilent_82350b", "cb7210",         "cec_gpib",      "ines_gpib",  "hp82335",
    "hp_82341",       "pc2_gpib",       "fluke_gpib",    "fmh_gpib",   "gpib_bitbang"};

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

struct Plugged {
  const Adapter* adapter;
  fs::path device;
  std::string name;    // "NI GPIB-USB-HS (3923:709b ...)"
  std::string driver;  // of the kernel, on one of its interfaces; "" if none
};

/// The driver of the kernel on the device's interfaces; whether one of them is of a vendor's class.
std::string driver_of(const fs::path& device, bool& vendor_class) {
  std::string driver;
  const std::string begin = device.filename().string() + ":";
  for (const fs::path& one : entries(device.parent_path())) {
    if (!one.filename().string().starts_with(begin)) continue;
    vendor_class = vendor_class || line_of(one / "bInterfaceClass") == "ff";
    std::error_code error;
    const fs::path target = fs::read_symlink(one / "driver", error);
    if (!error && driver.empty()) driver = target.filename().string();
  }
  return driver;
}

std::vector<Plugged> plugged_adapters(const SystemView& system) {
  std::vector<Plugged> found;
  for (const fs::path& device : entries(system.root + "/sys/bus/usb/devices")) {
    const std::string id = line_of(device / "idVendor") + ":" + line_of(device / "idProduct");
    const auto* const adapter = std::find_if(std::begin(kAdapters), std::end(kAdapters),
                                             [&id](const Adapter& one) { return one.id == id; });
    if (adapter == std::end(kAdapters)) continue;
    bool vendor_class = false;
    std::string driver = driver_of(device, vendor_class);
    if (adapter->vendor_class && !vendor_class) continue;
    found.push_back({adapter, device,
                     std::string(adapter->model) + " (" + usb_description(device) + ")",
                     std::move(driver)});
  }
  return found;
}

std::string firmware_file(const SystemView& system, std::string_view name) {
  for (const std::string_view folder : kFirmwareFolders) {
    std::string file = std::string(folder) + std::string(name);
    if (exists(system.root + file)) return file;
  }
  return "";
}

Finding missing_firmware(const Plugged& one) {
  const std::string name(one.adapter->firmware);
  return {Level::problem, "gpib",
          one.name + ": it needs its firmware at each start, and " + name +
              " is in none of the usual folders",
          "take " + name + " from linux_gpib_firmware or the adapter's driver CD and put it into " +
              std::string(kFirmwareFolders[0]) +
              " (or name it: firmware = ... of the board in the configuration); the first viOpen "
              "loads it"};
}

Finding kernel_only(const Plugged& one) {
  return {Level::problem, "gpib",
          one.name + ": FreeVISA does not drive it by itself, and no driver of the kernel has it",
          "install the kernel's driver ni_usb_gpib (Linux 6.13 and later, or linux-gpib) and " +
              std::string(one.adapter->firmware) + ", then plug the adapter in anew"};
}

/// Whether the installed rules know devices of this vendor.
bool have_rules(const SystemView& system, std::string_view id) {
  const std::string vendor(id.substr(0, 4));
  for (const std::string_view name : {kUsbRules, kOwnRules}) {
    const std::string file = rules_file(system, name);
    if (!file.empty() && file_has(file, vendor)) return true;
  }
  return false;
}

std::string make_rule(const std::string& id) {
  return "echo 'SUBSYSTEM==\"usb\", ATTR{idVendor}==\"" + id.substr(0, 4) +
         "\", ATTR{idProduct}==\"" + id.substr(5) +
         "\", MODE=\"0660\", GROUP=\"gpib\", TAG+=\"uaccess\"' | sudo tee -a /etc/udev/rules.d/" +
         std::string(kOwnRules) +
         " && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=usb";
}

/// Makes the group if there is none, and joins it.
std::string join_group(const SystemView& system) {
  const bool known = file_has(system.root + "/etc/group", "gpib:");
  return (known ? std::string() : "sudo groupadd -f --system gpib && ") + "sudo usermod -aG gpib " +
         system.user;
}

Finding of_adapter(const SystemView& system, const Plugged& one) {
  if (one.adapter->state == Adapter::State::boot_loader) {
    return {Level::problem, "gpib",
            one.name + ": its boot loader runs, it has never been given its own firmware",
            "plug it once into a computer with NI-488.2 (Windows), which writes it for good"};
  }
  if (!one.driver.empty()) {
    return {Level::good, "gpib",
            one.name + ": the kernel's driver " + one.driver + " has it, as a board /dev/gpibN"};
  }
  if (one.adapter->state == Adapter::State::kernel_only) return kernel_only(one);
  std::string firmware;
  if (one.adapter->state == Adapter::State::waits) {
    firmware = firmware_file(system, one.adapter->firmware);
    if (firmware.empty()) return missing_firmware(one);
    firmware = "; the first viOpen gives it " + firmware;
  }
  const std::string node = usb_node(one.device);
  if (!exists(system.root + node)) {
    return {Level::problem, "gpib", one.name + ": " + node + " does not exist",
            "is this a container? bind /dev/bus/usb into it; else plug the adapter in anew"};
  }
  if (system.may_use(system.root + node)) {
    return {Level::good, "gpib", one.name + ": " + node + " may be used" + firmware};
  }
  if (have_rules(system, one.adapter->id)) {
    return {Level::problem, "gpib",
            one.name + ": no permission for " + node + ", although a udev rule (" +
                std::string(kUsbRules) + ") knows it",
            fix_of_permission(system, node)};
  }
  return {
      Level::problem, "gpib",
      one.name + ": no permission for " + node + ", and no udev rule (" + std::string(kUsbRules) +
          ") gives it to users",
      join_group(system) + " && " + make_rule(std::string(one.adapter->id)) + ", then log in anew"};
}

/// The node of a board that is one of this computer: by its adapter, or for want of one.
std::optional<std::string> node_of(const ConfiguredBoard& board) {
  constexpr std::string_view kScheme = "kernel://";
  if (board.adapter.empty()) return "/dev/gpib" + std::to_string(board.number);
  if (!board.adapter.starts_with(kScheme)) return std::nullopt;
  const std::string target = board.adapter.substr(kScheme.size());
  return target.starts_with('/') ? target : "/dev/gpib" + target;
}

std::vector<std::string> nodes_to_check(const SystemView& system,
                                        const std::vector<ConfiguredBoard>& boards) {
  std::vector<std::string> nodes;
  for (const ConfiguredBoard& board : boards) {
    const auto node = node_of(board);
    if (node && std::find(nodes.begin(), nodes.end(), *node) == nodes.end()) nodes.push_back(*node);
  }
  const bool first_is_other =
      std::any_of(boards.begin(), boards.end(), [](const auto& one) { return one.number == 0; });
  if (nodes.empty() && !first_is_other && exists(system.root + "/dev/gpib0")) {
    nodes.emplace_back("/dev/gpib0");
  }
  return nodes;
}

Finding of_node(const SystemView& system, const std::string& node) {
  if (!exists(system.root + node)) {
    return {Level::problem, "gpib",
            node + ": there is no such board: no GPIB module of the kernel is loaded",
            "load the module of the board: sudo modprobe ni_usb_gpib (or agilent_82357a, tnt4882, "
            "...; Linux 6.13 and later, or linux-gpib)"};
  }
  if (system.may_use(system.root + node)) return {Level::good, "gpib", node + " may be used"};
  const std::string join = join_group(system);
  if (rules_file(system, kRules).empty()) {
    return {
        Level::problem, "gpib",
        node + ": no permission, and no udev rule (" + std::string(kRules) + ") gives it to users",
        join +
            " && echo 'SUBSYSTEM==\"gpib_common\", GROUP=\"gpib\", MODE=\"0660\"' | sudo tee "
            "/etc/udev/rules.d/70-freevisa-gpib.rules && sudo udevadm control --reload && sudo "
            "udevadm trigger --subsystem-match=gpib_common, then log in anew"};
  }
  return {Level::problem, "gpib", node + ": no permission",
          join + " && sudo udevadm trigger --subsystem-match=gpib_common, then log in anew"};
}

void add_modules(const SystemView& system, const std::vector<Plugged>& plugged, Findings& found) {
  if (!exists(system.root + "/sys/module/gpib_common")) return;
  std::string loaded;
  for (const std::string_view module : kModules) {
    if (!exists(system.root + "/sys/module/" + std::string(module))) continue;
    loaded += (loaded.empty() ? "" : ", ") + std::string(module);
  }
  if (!loaded.empty()) {
    found.push_back({Level::good, "gpib", "modules of the kernel: gpib_common, " + loaded});
    return;
  }
  found.push_back({plugged.empty() ? Level::note : Level::problem, "gpib",
                   "gpib_common is loaded, but no module that drives a board",
                   "load the module of the board: sudo modprobe ni_usb_gpib (or agilent_82357a, "
                   "tnt4882, ...)"});
}

std::string fix_of_board(const ConfiguredBoard& board, const std::string& reason) {
  const std::string scheme = board.adapter.substr(0, board.adapter.find("://"));
  if (node_of(board)) {
    if (reason.find("gpib_config") == std::string::npos) return "the findings above say why";
    return "sudo gpib_config --minor " + std::to_string(board.number) +
           " (package gpib-user-tools), after the board's type stands in /etc/gpib.conf";
  }
  if (scheme == "prologix-serial") {
    return "is it plugged in and its baud rate right? 'freevisa list' shows the ports there are, "
           "and 'freevisa doctor ASRL/dev/...::INSTR' looks at one";
  }
  if (scheme == "usb") {
    return "is it plugged in, and is 'usb://' followed by its serial number or USB port? The "
           "findings "
           "above tell of permission and firmware; else mend adapter in " +
           board.file + ", line " + std::to_string(board.line);
  }
  return "is it on and in the network, and is no other program using it? Else mend adapter in " +
         board.file + ", line " + std::to_string(board.line);
}

}  // namespace

Findings check_gpib_system(const SystemView& system, const std::vector<ConfiguredBoard>& boards) {
  Findings found;
  const auto plugged = plugged_adapters(system);
  for (const Plugged& one : plugged) found.push_back(of_adapter(system, one));
  add_modules(system, plugged, found);
  for (const std::string& node : nodes_to_check(system, boards)) {
    found.push_back(of_node(system, node));
  }
  return found;
}

OpenBoard open_board(const Session& manager) {
  return [&manager](const std::string& name) -> std::string {
    ViSession vi = VI_NULL;
    const ViStatus status = viOpen(manager.get(), name.c_str(), VI_NULL, kPatience, &vi);
    const Session closes_it(vi);
    return status >= VI_SUCCESS ? "" : reason_of(VI_NULL, status);
  };
}

Findings check_gpib_boards(const SystemView& system, const std::vector<ConfiguredBoard>& boards,
                           const OpenBoard& open) {
  std::vector<ConfiguredBoard> all = boards;
  const bool has_first =
      std::any_of(all.begin(), all.end(), [](const auto& one) { return one.number == 0; });
  if (!has_first && (exists(system.root + "/dev/gpib0") || !plugged_adapters(system).empty())) {
    all.push_back({});
  }
  Findings found;
  for (const ConfiguredBoard& board : all) {
    const std::string name = "GPIB" + std::to_string(board.number);
    const std::string shown = board.adapter.empty() ? name : name + " (" + board.adapter + ")";
    const std::string reason = open(name + "::INTFC");
    if (reason.empty()) {
      found.push_back({Level::good, "gpib", shown + " can be opened"});
    } else {
      found.push_back({Level::problem, "gpib", shown + ": " + reason, fix_of_board(board, reason)});
    }
  }
  return found;
}

}  // namespace visa::tool
