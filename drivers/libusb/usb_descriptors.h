// SPDX-License-Identifier: MIT
// The descriptors of a device (USB 2.0, 9.6), as sysfs keeps them: the device descriptor, then each
// configuration with its interfaces and endpoints. They come from the device, so nothing in them is
// believed: what does not fit is left out. Pure: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace visa::drivers::usb {

enum class EndpointType : std::uint8_t { control = 0, isochronous = 1, bulk = 2, interrupt = 3 };

struct EndpointInfo {
  std::uint8_t address = 0;  // bit 7: IN
  EndpointType type = EndpointType::bulk;
  std::uint16_t packet = 0;  // bytes, never 0

  bool in() const noexcept { return (address & 0x80) != 0; }
};

/// One alternate setting of an interface.
struct InterfaceInfo {
  std::uint8_t number = 0;
  std::uint8_t alternate = 0;
  std::uint8_t interface_class = 0;
  std::uint8_t subclass = 0;
  std::uint8_t protocol = 0;
  std::vector<EndpointInfo> endpoints;

  bool is_usbtmc() const noexcept;
  bool is_vendor_specific() const noexcept;
  /// The first endpoint of that kind; null where there is none.
  const EndpointInfo* first(EndpointType type, bool in) const noexcept;
};

/// The alternate settings of all interfaces of one configuration, in the order of the descriptors;
/// those of the first configuration where none has that number.
std::vector<InterfaceInfo> read_interfaces(std::span<const std::byte> descriptors,
                                           std::uint8_t configuration);

}  // namespace visa::drivers::usb
