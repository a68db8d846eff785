// SPDX-License-Identifier: MIT
// What a USB instrument is, as the system knows it without opening it. The C interface of VISA
// tells that of open sessions only. A free function: any thread.
#pragma once

#include <string>
#include <string_view>

namespace visa::tool {

/// "Keysight Technologies 34465A": maker and model of the device that the resource name means, as
/// far as the system knows them; "" for other names and where it is not plugged in. `folder`: where
/// sysfs has the devices, or a folder that a test made.
std::string usb_product(std::string_view resource,
                        const std::string& folder = "/sys/bus/usb/devices");

}  // namespace visa::tool
