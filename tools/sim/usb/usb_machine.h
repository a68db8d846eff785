// SPDX-License-Identifier: MIT
// A machine's USB as programs under umockdev's preload library see it: a folder with its own /sys
// and /dev, devices that are plugged in and out, and messages of udev about that. Programs started
// with environment() see these devices and none of the real ones.
//
// Owned by the UsbServer; on the bench's thread only. Devices come and go from on_due(), never
// inside one of their calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/timer_source.h"
#include "tools/sim/usb/preload_client.h"
#include "tools/sim/usb/usb_device.h"
#include "tools/sim/usb/usbfs_node.h"

namespace visa::sim {

class UsbMachine : public TimerSource {
 public:
  /// What programs are started with, by LD_PRELOAD.
  static constexpr const char* kPreload = "libumockdev-preload.so.0";

  /// Names the program that has claimed an interface, while the device is plugged in.
  using Holder = std::function<std::string(std::uint8_t interface)>;
  /// Makes the functions of a device that is plugged in.
  using Furnish = std::function<void(UsbDevice& device, const Holder& holder)>;
  /// What a device is each time it is plugged in, for one that comes back as another.
  using Identify = std::function<UsbIdentity()>;

  /// The folder is in that of temporary files. `first_port`: where the first device is plugged in;
  /// the others follow. Throws std::system_error.
  UsbMachine(EventLoop& loop, UsbfsOptions options, unsigned first_port = 1);
  ~UsbMachine() override;
  UsbMachine(const UsbMachine&) = delete;
  UsbMachine& operator=(const UsbMachine&) = delete;

  /// What a program needs in its environment, "NAME=value".
  std::vector<std::string> environment() const;
  const std::string& folder() const noexcept { return folder_; }

  /// Adds a device and plugs it in; returns its number. `kernel_driver`: interfaces that the
  /// kernel's driver "usbtmc" is on.
  std::size_t add(UsbIdentity identity, std::vector<std::uint8_t> kernel_driver, Furnish furnish);
  /// The same for one that comes back as another; with `driver`, that driver of the kernel is on
  /// its first interface.
  std::size_t add(Identify identify, const std::string& driver, Furnish furnish);
  /// Takes a device away whose functions are to go, also from programs that have it open after it
  /// was unplugged; its number is not used again.
  void remove(std::size_t number) noexcept;
  /// Where it is plugged in: "1-3".
  const std::string& port(std::size_t number) const noexcept { return slots_[number].port; }
  /// Plugged in, or about to be.
  bool plugged(std::size_t number) const noexcept;
  /// Takes effect before the next event; a device that is plugged in anew has a new address.
  void plug(std::size_t number, bool in);
  /// Null while it is not plugged in.
  UsbDevice* device(std::size_t number) const noexcept;
  /// Programs that have claimed an interface of it.
  std::size_t holders(std::size_t number) const noexcept;

  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  struct Slot {
    UsbIdentity identity = {};
    Identify identify = {};
    std::vector<std::uint8_t> kernel_driver = {};
    std::string driver = "usbtmc";  ///< that the kernel has
    Furnish furnish = {};
    std::string port = {};  ///< "1-3"
    unsigned address = 0;
    bool wanted = true;
    std::optional<Clock::time_point> returns = {};
    std::unique_ptr<UsbDevice> device = {};
    std::unique_ptr<UsbfsNode> node = {};
  };
  /// A device that is unplugged and that programs have still open: its functions refer to what
  /// its server has, so it goes with the slot at the latest.
  struct Former {
    const Slot* slot;
    std::unique_ptr<UsbDevice> device;
    std::unique_ptr<UsbfsNode> node;
  };

  void make_bus();
  void put_in(Slot& slot);
  void put_in_again(Slot& slot);
  void pull_out(Slot& slot);
  void show(const Slot& slot);
  void show(const Slot& slot, const UsbLayout& layout);
  void hide(const Slot& slot);
  void tell(const Slot& slot, std::string_view action);
  std::size_t add(Slot slot);
  void show_driver(const Slot& slot, std::uint8_t interface, bool bound);
  std::vector<std::string> properties(const Slot& slot) const;
  std::string sysfs(const Slot& slot) const;

  EventLoop& loop_;
  UsbfsOptions options_;
  const unsigned first_port_;
  std::string folder_;
  std::unique_ptr<PreloadListener> others_;  ///< for files that are not devices of this bench
  std::list<std::unique_ptr<PreloadClient>> other_clients_;
  std::deque<Slot> slots_;    ///< a reference to one stays good
  std::list<Former> former_;  ///< never moved: the node goes before its device
  unsigned last_address_ = 1;
  std::uint64_t sequence_ = 0;
};

/// The machine of a bench: its wires plug their devices into one. It goes with the last of them.
/// Throws std::system_error.
std::shared_ptr<UsbMachine> usb_machine_of(EventLoop& loop, UsbfsOptions options);

}  // namespace visa::sim
