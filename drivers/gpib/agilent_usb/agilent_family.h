// SPDX-License-Identifier: MIT
// Agilent's and Keysight's 82357A and 82357B, and what is built alike. Defined in
// agilent_board.cpp. Constant data: any thread.
#pragma once

#include "drivers/gpib/dongle/dongle.h"

namespace visa::drivers::gpib::agilent {

extern const dongle::Family kFamily;

}  // namespace visa::drivers::gpib::agilent
