// SPDX-License-Identifier: MIT
// The tree of the folder is that of a Linux machine with one bus: sys/devices/usb1/1-N for a
// device, with its descriptors and an entry for each interface, and dev/bus/usb/001/NNN.
#include "tools/sim/usb/usb_machine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>

#include "tools/sim/usb/uevent.h"

namespace visa::sim {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostAddress = 999;

// Calls on any other file under /dev: the program's own business.
class OtherFile : public PreloadClient {
 public:
  using Forget = std::function<void(const OtherFile&)>;
  OtherFile(EventLoop& loop, FileDescriptor socket, Forget forget)
      : PreloadClient(loop, std::move(socket)), forget_(std::move(forget)) {}

 private:
  void on_ioctl(unsigned long, std::uint64_t) override { leave_to_program(); }
  void on_read(std::uint64_t, std::size_t) override { leave_to_program(); }
  void on_closed() override {
    const Forget forget = forget_;  // outlives this
    forget(*this);
  }

  Forget forget_;
};

std::string formatted(const char* format, unsigned value) {
  char text[32];
  const int length = std::snprintf(text, sizeof text, format, value);
  return std::string(text, static_cast<std::size_t>(std::max(length, 0)));
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  if (!file.flush()) throw std::system_error(errno, std::generic_category(), path);
}

std::string make_folder() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  std::string path = (error ? fs::path("/tmp") : base).string() + "/freevisa-usb.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return path;
}

const char* speed_text(UsbSpeed speed) {
  return speed == UsbSpeed::full ? "12" : speed == UsbSpeed::high ? "480" : "5000";
}

}  // namespace

UsbMachine::UsbMachine(EventLoop& loop, UsbfsOptions options, unsigned first_port)
    : loop_(loop), options_(options), first_port_(first_port), folder_(make_folder()) {
  make_bus();
  others_ = std::make_unique<PreloadListener>(
      loop, folder_ + "/ioctl/_default", [this](FileDescriptor socket) {
        other_clients_.push_back(
            std::make_unique<OtherFile>(loop_, std::move(socket), [this](const OtherFile& gone) {
              std::erase_if(other_clients_,
                            [&gone](const auto& one) { return one.get() == &gone; });
            }));
      });
  loop_.add_timer(*this);
}

UsbMachine::~UsbMachine() {
  loop_.remove_timer(*this);
  for (Slot& slot : slots_) {
    slot.node.reset();
    slot.device.reset();
  }
  former_.clear();
  others_.reset();
  other_clients_.clear();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void UsbMachine::make_bus() {
  for (const char* const path :
       {"/sys/bus/usb/devices", "/sys/bus/usb/drivers/usbtmc", "/sys/class", "/sys/dev/char",
        "/sys/devices/usb1", "/dev/bus/usb/001", "/dev/.node", "/ioctl/dev/bus/usb/001",
        "/run/udev"}) {
    fs::create_directories(folder_ + path);
  }
}

std::vector<std::string> UsbMachine::environment() const {
  const char* const before = ::secure_getenv("LD_PRELOAD");
  std::string preload = std::string("LD_PRELOAD=") + kPreload;
  if (before != nullptr && *before != '\0') preload += std::string(":") + before;
  return {preload, "UMOCKDEV_DIR=" + folder_};
}

std::size_t UsbMachine::add(UsbIdentity identity, std::vector<std::uint8_t> kernel_driver,
                            Furnish furnish) {
  return add({.identity = std::move(identity),
              .kernel_driver = std::move(kernel_driver),
              .furnish = std::move(furnish)});
}

std::size_t UsbMachine::add(Identify identify, const std::string& driver, Furnish furnish) {
  Slot slot{.identify = std::move(identify), .furnish = std::move(furnish)};
  if (!driver.empty()) {
    slot.kernel_driver = {0};
    slot.driver = driver;
  }
  return add(std::move(slot));
}

std::size_t UsbMachine::add(Slot slot) {
  const std::size_t number = slots_.size();
  slot.port = "1-" + std::to_string(first_port_ + number);
  slots_.push_back(std::move(slot));
  put_in(slots_.back());
  return number;
}

void UsbMachine::remove(std::size_t number) noexcept {
  Slot& slot = slots_[number];
  slot.wanted = false;
  slot.returns.reset();
  slot.node.reset();
  slot.device.reset();
  std::erase_if(former_, [&slot](const Former& one) { return one.slot == &slot; });
}

bool UsbMachine::plugged(std::size_t number) const noexcept {
  return slots_[number].wanted;
}

void UsbMachine::plug(std::size_t number, bool in) {
  Slot& slot = slots_[number];
  slot.wanted = in;
  slot.returns.reset();
}

UsbDevice* UsbMachine::device(std::size_t number) const noexcept {
  return slots_[number].device.get();
}

std::size_t UsbMachine::holders(std::size_t number) const noexcept {
  const Slot& slot = slots_[number];
  return slot.node != nullptr ? slot.node->holders() : 0;
}

std::optional<Clock::time_point> UsbMachine::due() const {
  std::optional<Clock::time_point> first;
  const auto sooner = [&first](std::optional<Clock::time_point> other) {
    if (other && (!first || *other < *first)) first = other;
  };
  for (const Slot& slot : slots_) {
    if (slot.wanted != (slot.device != nullptr)) return Clock::time_point{};
    if (slot.device != nullptr) sooner(slot.device->due());
    sooner(slot.returns);
  }
  return first;
}

void UsbMachine::on_due(Clock::time_point now) {
  for (Slot& slot : slots_) {
    if (const auto due = slot.device != nullptr ? slot.device->due() : std::nullopt;
        due && *due <= now) {
      slot.device->on_due(now);
    }
    if (slot.returns && *slot.returns <= now) {
      slot.wanted = true;
      slot.returns.reset();
    }
    if (!slot.wanted && slot.device != nullptr) pull_out(slot);
    if (slot.wanted && slot.device == nullptr) put_in_again(slot);
  }
  std::erase_if(former_, [](const Former& one) { return one.node->clients() == 0; });
}

void UsbMachine::put_in(Slot& slot) {
  last_address_ = last_address_ == kMostAddress ? 2 : last_address_ + 1;
  slot.address = last_address_;
  if (slot.identify) slot.identity = slot.identify();
  const std::string file = "/dev/bus/usb/001/" + formatted("%03u", slot.address);
  slot.node =
      std::make_unique<UsbfsNode>(loop_, folder_ + file, folder_ + "/ioctl" + file, options_);
  slot.device = std::make_unique<UsbDevice>(slot.identity, *slot.node,
                                            [&slot](std::optional<std::chrono::milliseconds> away) {
                                              slot.wanted = false;
                                              if (away) slot.returns = Clock::now() + *away;
                                            });
  slot.node->attach(*slot.device);
  const UsbfsNode& node = *slot.node;
  slot.furnish(*slot.device, [&node](std::uint8_t interface) { return node.holder(interface); });
  for (const std::uint8_t interface : slot.kernel_driver) {
    slot.node->claims().bind(interface, slot.driver);
  }
  slot.node->claims().on_driver_changed = [this, &slot](std::uint8_t interface, bool bound) {
    show_driver(slot, interface, bound);
  };
  show(slot);
  tell(slot, "add");
}

// A folder that cannot be written any more leaves the device unplugged, and the bench running.
void UsbMachine::put_in_again(Slot& slot) {
  try {
    put_in(slot);
  } catch (const std::system_error&) {
    slot.wanted = false;
    slot.node.reset();
    slot.device.reset();
  }
}

void UsbMachine::pull_out(Slot& slot) {
  slot.node->leave();
  tell(slot, "remove");
  hide(slot);
  former_.push_back({&slot, std::move(slot.device), std::move(slot.node)});
}

std::string UsbMachine::sysfs(const Slot& slot) const {
  return folder_ + "/sys/devices/usb1/" + slot.port;
}

std::vector<std::string> UsbMachine::properties(const Slot& slot) const {
  const UsbIdentity& identity = slot.identity;
  const std::string address = formatted("%03u", slot.address);
  const std::string of_class = formatted("%u", identity.device_class);
  return {"MAJOR=189",
          "MINOR=" + std::to_string(slot.address - 1),
          "DEVNAME=bus/usb/001/" + address,
          "DEVTYPE=usb_device",
          "DRIVER=usb",
          "PRODUCT=" + formatted("%x", identity.vendor) + "/" + formatted("%x", identity.product) +
              "/" + formatted("%x", identity.version),
          "TYPE=" + of_class + "/" + of_class + "/" + of_class,
          "BUSNUM=001",
          "DEVNUM=" + address};
}

// The kernel tells of a device, udev adds a few names of its own.
void UsbMachine::tell(const Slot& slot, std::string_view action) {
  std::vector<std::string> all = {"ACTION=" + std::string(action),
                                  "DEVPATH=/devices/usb1/" + slot.port, "SUBSYSTEM=usb",
                                  "SEQNUM=" + std::to_string(++sequence_)};
  for (std::string& one : properties(slot)) {
    if (one.starts_with("DEVNAME=")) one.insert(8, "/dev/");
    all.push_back(std::move(one));
  }
  send_uevent(folder_, uevent_message("usb", "usb_device", all));
}

void UsbMachine::show_driver(const Slot& slot, std::uint8_t interface, bool bound) {
  const std::string link =
      sysfs(slot) + "/" + slot.port + ":1." + std::to_string(interface) + "/driver";
  std::error_code error;
  fs::remove(link, error);
  const std::string driver = "/bus/usb/drivers/" + slot.driver;
  if (bound) fs::create_directories(folder_ + "/sys" + driver, error);
  if (bound) fs::create_symlink("../../../.." + driver, link, error);
}

void UsbMachine::show(const Slot& slot) {
  const UsbIdentity& identity = slot.identity;
  const std::string here = sysfs(slot);
  fs::create_directories(here);
  std::string uevent;
  for (const std::string& one : properties(slot)) uevent += one + "\n";
  std::map<std::string, std::string> files = {
      {"uevent", uevent},
      {"busnum", "1\n"},
      {"devnum", std::to_string(slot.address) + "\n"},
      {"devpath", slot.port.substr(2) + "\n"},
      {"dev", "189:" + std::to_string(slot.address - 1) + "\n"},
      {"speed", std::string(speed_text(identity.speed)) + "\n"},
      {"bConfigurationValue", "1\n"},
      {"bNumConfigurations", "1\n"},
      {"bNumInterfaces",
       formatted("%2u\n", static_cast<unsigned>(slot.device->functions().size()))},
      {"bDeviceClass", formatted("%02x\n", identity.device_class)},
      {"idVendor", formatted("%04x\n", identity.vendor)},
      {"idProduct", formatted("%04x\n", identity.product)},
      {"bcdDevice", formatted("%04x\n", identity.version)},
      {"descriptors", slot.device->device_descriptor() + slot.device->configuration_descriptor()}};
  if (!identity.manufacturer.empty()) files["manufacturer"] = identity.manufacturer + "\n";
  if (!identity.model.empty()) files["product"] = identity.model + "\n";
  if (!identity.serial.empty() && !identity.serial_unreadable) {
    files["serial"] = identity.serial + "\n";
  }
  for (const auto& [name, bytes] : files) write_file(here + "/" + name, bytes);
  fs::create_symlink("../../../bus/usb", here + "/subsystem");
  fs::create_symlink("../../../devices/usb1/" + slot.port,
                     folder_ + "/sys/bus/usb/devices/" + slot.port);
  const std::string number = "189:" + std::to_string(slot.address - 1);
  fs::create_symlink("../../devices/usb1/" + slot.port, folder_ + "/sys/dev/char/" + number);
  fs::create_symlink(number, folder_ + "/dev/.node/bus_usb_001_" + formatted("%03u", slot.address));
  for (const auto& function : slot.device->functions()) show(slot, function->layout());
}

void UsbMachine::show(const Slot& slot, const UsbLayout& layout) {
  const std::string name = slot.port + ":1." + std::to_string(layout.number);
  const std::string path = sysfs(slot) + "/" + name;
  fs::create_directories(path);
  write_file(path + "/uevent", "DEVTYPE=usb_interface\n");
  write_file(path + "/bInterfaceNumber", formatted("%02x\n", layout.number));
  write_file(path + "/bInterfaceClass", formatted("%02x\n", layout.device_class));
  write_file(path + "/bInterfaceSubClass", formatted("%02x\n", layout.subclass));
  write_file(path + "/bInterfaceProtocol", formatted("%02x\n", layout.protocol));
  write_file(path + "/bAlternateSetting", " 0\n");
  fs::create_symlink("../../../../bus/usb", path + "/subsystem");
  fs::create_symlink("../../../devices/usb1/" + slot.port + "/" + name,
                     folder_ + "/sys/bus/usb/devices/" + name);
  show_driver(slot, layout.number, !slot.node->claims().kernel_driver(layout.number).empty());
}

void UsbMachine::hide(const Slot& slot) {
  std::error_code ignored;
  for (const auto& function : slot.device->functions()) {
    const std::string name = slot.port + ":1." + std::to_string(function->layout().number);
    fs::remove(folder_ + "/sys/bus/usb/devices/" + name, ignored);
  }
  fs::remove(folder_ + "/sys/bus/usb/devices/" + slot.port, ignored);
  fs::remove(folder_ + "/sys/dev/char/189:" + std::to_string(slot.address - 1), ignored);
  fs::remove(folder_ + "/dev/.node/bus_usb_001_" + formatted("%03u", slot.address), ignored);
  fs::remove_all(sysfs(slot), ignored);
}

// Benches of one program have a thread and a loop each. Programs under several benches of one
// computer should not share locks, which go by the port; programs like lsusb know none above 255.
std::shared_ptr<UsbMachine> usb_machine_of(EventLoop& loop, UsbfsOptions options) {
  static std::mutex mutex;
  static std::map<EventLoop*, std::weak_ptr<UsbMachine>> machines;
  const std::lock_guard lock(mutex);
  std::erase_if(machines, [](const auto& one) { return one.second.expired(); });
  std::shared_ptr<UsbMachine> machine = machines[&loop].lock();
  if (machine == nullptr) {
    const unsigned first_port = 1 + 7 * static_cast<unsigned>(::getpid()) % 240;
    machine = std::make_shared<UsbMachine>(loop, options, first_port);
    machines[&loop] = machine;
  }
  return machine;
}

}  // namespace visa::sim
