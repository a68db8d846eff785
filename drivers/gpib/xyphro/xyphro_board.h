// SPDX-License-Identifier: MIT
// From the descriptors of an adapter to the endpoints that its controller uses. A pure function:
// any thread.
#pragma once

#include "drivers/gpib/dongle/dongle.h"
#include "drivers/gpib/xyphro/xyphro_controller.h"

namespace visa::drivers::gpib::xyphro {

/// The first bulk endpoint each way of the interface, and those of the model where it names none.
Endpoints endpoints_of(const dongle::Dongle& dongle);

}  // namespace visa::drivers::gpib::xyphro
