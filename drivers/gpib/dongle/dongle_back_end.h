// SPDX-License-Identifier: MIT
// The back end of all dongles. Without libusb another one of the same scheme stands here, which
// says so. Constant data: any thread.
#pragma once

#include <array>
#include <string_view>

#include "drivers/gpib/back_end.h"

namespace visa::drivers::gpib::dongle {

/// The setting that names the firmware of an adapter, a file or a folder, for those that get it at
/// each start.
inline constexpr std::string_view kFirmware = "firmware";
/// The settings of all families.
inline constexpr std::array kKeys{kFirmware};

/// Scheme "usb": usb://01AB23CD (the serial number), usb://1-1.4 (the port), usb:// (the only one);
/// without a setting, GPIB<n> by the order of dongle_list.h.
extern const BackEnd kBackEnd;

}  // namespace visa::drivers::gpib::dongle
