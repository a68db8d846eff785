// SPDX-License-Identifier: MIT
// What libserialport says of a serial port, for lists: VISA can only tell it of a port that is
// open. A free function: any thread.
#pragma once

#include <string>
#include <string_view>

namespace visa::tool {

/// "0403:6001 FTDI FT232R USB UART" for the port that an ASRL name leads to by its path or as
/// ASRL<n> to /dev/ttyS<n-1>; "" for a port that is no USB device, where nothing is known, and in a
/// build without libserialport. Printable ASCII. Opens no port.
std::string serial_description(std::string_view resource_name);

}  // namespace visa::tool
