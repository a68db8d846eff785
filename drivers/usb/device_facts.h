// SPDX-License-Identifier: MIT
// What does not change while a USB device is open, as sessions report it. Values: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/usb/usb_names.h"

namespace visa::drivers::usb {

/// The texts are ASCII.
struct DeviceFacts {
  std::string name;  // canonical, for messages
  std::string serial;
  std::string manufacturer;
  std::string model;
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint8_t interface = 0;
  std::uint8_t protocol = 0;
};

DeviceFacts facts_of(const UsbResource& resource);

}  // namespace visa::drivers::usb
