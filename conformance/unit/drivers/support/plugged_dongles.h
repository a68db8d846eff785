// SPDX-License-Identifier: MIT
// What sysfs would say of a dongle.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/libusb/usb_device_info.h"

namespace visa::test {

inline drivers::usb::UsbDeviceInfo plugged(std::uint16_t vendor, std::uint16_t product,
                                           const std::string& serial, const std::string& port) {
  drivers::usb::UsbDeviceInfo device;
  device.port = port;
  device.bus = 1;
  device.address = 2;
  device.vendor = vendor;
  device.product = product;
  device.serial = serial;
  drivers::usb::InterfaceInfo interface;
  interface.interface_class = 0xFF;
  device.interfaces.push_back(interface);
  return device;
}

}  // namespace visa::test
