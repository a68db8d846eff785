// SPDX-License-Identifier: MIT
// What the system tells of a USB device without opening it. Values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/libusb/usb_descriptors.h"

namespace visa::drivers::usb {

struct UsbDeviceInfo {
  std::string port;    // where it is plugged in, as the system names it: "1-1.4"
  std::string folder;  // its folder in sysfs
  std::uint8_t bus = 0;
  std::uint8_t address = 0;  // changes each time it is plugged in
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::string serial;  // as the device says it, in UTF-8; "" for none
  std::string manufacturer;
  std::string model;
  std::vector<InterfaceInfo> interfaces;  // of the configuration in use, by number

  /// The device node: "/dev/bus/usb/001/004".
  std::string node() const;
  const InterfaceInfo* interface(std::uint8_t number) const noexcept;
  /// The kernel driver that has the interface now, "" for none.
  std::string kernel_driver(std::uint8_t number) const;
  std::uint8_t configuration = 0;
};

}  // namespace visa::drivers::usb
