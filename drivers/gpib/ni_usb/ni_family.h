// SPDX-License-Identifier: MIT
// NI's USB adapters and those built alike: GPIB-USB-HS and HS+, Keithley KUSB-488A, MCC USB-488.
// Constant data: any thread.
#pragma once

#include "drivers/gpib/dongle/dongle.h"

namespace visa::drivers::gpib::ni_usb {

extern const dongle::Family kFamily;

}  // namespace visa::drivers::gpib::ni_usb
