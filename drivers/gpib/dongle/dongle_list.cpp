// SPDX-License-Identifier: MIT
// Invariant: the order, and with it the numbers, depends on what is plugged in, not on when it was.
#include "drivers/gpib/dongle/dongle_list.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "drivers/gpib/dongle/families.h"
#include "drivers/libusb/usb_devices.h"

namespace visa::drivers::gpib::dongle {
namespace {

std::size_t place_of(const Family* family) {
  const auto all = families();
  return static_cast<std::size_t>(std::find(all.begin(), all.end(), family) - all.begin());
}

bool comes_before(const Dongle& a, const Dongle& b) {
  const auto key = [](const Dongle& one) {
    return std::make_tuple(place_of(one.family), one.device.serial.empty(),
                           std::string_view(one.device.serial));
  };
  return key(a) < key(b);
}

/// What an adapter of the configuration says after "usb://"; nothing for other adapters.
std::optional<std::string_view> configured_target(const spi::Settings& settings) {
  const auto at = settings.find(kAdapter);
  const auto* const text = at == settings.end() ? nullptr : std::get_if<std::string>(&at->second);
  if (text == nullptr) return std::nullopt;
  const std::string_view adapter = *text;
  const auto end = adapter.find("://");
  if (end == std::string_view::npos || adapter.substr(0, end) != kScheme) return std::nullopt;
  return adapter.substr(end + 3);
}

}  // namespace

std::vector<Dongle> find_dongles(std::span<const usb::UsbDeviceInfo> devices) {
  std::vector<Dongle> found;
  for (const auto& device : devices) {
    for (const Family* const family : families()) {
      if (auto dongle = dongle_of(*family, device)) found.push_back(*std::move(dongle));
    }
  }
  // Stable: usb_devices() has them in the order of their ports.
  std::stable_sort(found.begin(), found.end(), comes_before);
  return found;
}

std::vector<Dongle> plugged_dongles() {
  return find_dongles(usb::usb_devices());
}

bool is_named(const Dongle& dongle, std::string_view target) noexcept {
  if (target.empty()) return false;
  return dongle.device.serial == target || dongle.device.port == target;
}

std::vector<Numbered> number_dongles(std::span<const Dongle> dongles,
                                     const spi::BoardSettings& configured,
                                     std::span<const std::uint16_t> kernel_boards) {
  std::set<std::uint16_t> taken(kernel_boards.begin(), kernel_boards.end());
  std::vector<std::string_view> named;
  bool only = false;  // the configuration means the only dongle there is
  for (const auto& [number, settings] : configured) {
    if (!settings.contains(kAdapter)) continue;
    taken.insert(number);
    const auto target = configured_target(settings);
    if (target && target->empty()) only = true;
    if (target) named.push_back(*target);
  }
  std::vector<Numbered> numbered;
  if (only && dongles.size() == 1) return numbered;
  std::uint16_t next = 0;
  for (const Dongle& one : dongles) {
    const auto names_it = [&](std::string_view target) { return is_named(one, target); };
    if (std::any_of(named.begin(), named.end(), names_it)) continue;
    if (!kernel_boards.empty() && !one.kernel_driver().empty()) continue;
    while (taken.contains(next)) ++next;
    numbered.push_back({next++, one});
  }
  return numbered;
}

}  // namespace visa::drivers::gpib::dongle
