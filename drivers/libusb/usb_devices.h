// SPDX-License-Identifier: MIT
// The USB devices that are plugged in now, from sysfs: no device is opened or asked, and no
// permission is needed. Free functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/libusb/usb_device_info.h"

namespace visa::drivers::usb {

/// All devices but hubs, in the order of their ports. `folder` is that of the system, or one that a
/// test made.
std::vector<UsbDeviceInfo> usb_devices(const std::string& folder = "/sys/bus/usb/devices");

/// The device in one folder of sysfs; nothing where it has gone or is none.
std::optional<UsbDeviceInfo> read_device(const std::string& folder, const std::string& port);

}  // namespace visa::drivers::usb
