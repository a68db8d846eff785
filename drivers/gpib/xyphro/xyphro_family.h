// SPDX-License-Identifier: MIT
// Xyphro's UsbGpib with the firmware for raw access, and the GPIBee. With its usual firmware the
// UsbGpib is a USB instrument, and drivers/usb serves it. Defined in xyphro_board.cpp. Constant
// data: any thread.
#pragma once

#include "drivers/gpib/dongle/dongle.h"

namespace visa::drivers::gpib::xyphro {

extern const dongle::Family kFamily;

}  // namespace visa::drivers::gpib::xyphro
