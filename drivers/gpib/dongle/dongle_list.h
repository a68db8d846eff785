// SPDX-License-Identifier: MIT
// Which dongles are plugged in, and which board each of them is. Reads sysfs; no device is opened.
// Pure functions, but for those that say otherwise: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "drivers/gpib/dongle/dongle.h"
#include "lib/spi/settings.h"

namespace visa::drivers::gpib::dongle {

/// The scheme of the setting `adapter`: usb://SERIAL, usb://PORT, usb:// for the only one.
inline constexpr std::string_view kScheme = "usb";

/// Those of `devices` that are dongles, in the order in which they get numbers: by family, then by
/// serial number, those without one last and by port. The family comes first because an adapter
/// without firmware has no serial number yet.
std::vector<Dongle> find_dongles(std::span<const usb::UsbDeviceInfo> devices);

/// Asks sysfs.
std::vector<Dongle> plugged_dongles();
/// True if `target` names it, by serial number or port.
bool is_named(const Dongle& dongle, std::string_view target) noexcept;

struct Numbered {
  std::uint16_t number = 0;
  Dongle dongle;
};

/// Gives each dongle the lowest number that is free: neither in use by a kernel board nor given to
/// an adapter by the configuration. A dongle that the configuration names has its number from
/// there. One whose kernel driver holds it while kernel boards are in use is such a board already.
std::vector<Numbered> number_dongles(std::span<const Dongle> dongles,
                                     const spi::BoardSettings& configured,
                                     std::span<const std::uint16_t> kernel_boards);

}  // namespace visa::drivers::gpib::dongle
