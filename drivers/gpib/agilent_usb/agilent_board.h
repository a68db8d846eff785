// SPDX-License-Identifier: MIT
// From an 82357 that is plugged in to its controller. A free function: any thread.
#pragma once

#include <memory>

#include "drivers/gpib/agilent_usb/firmware_loader.h"
#include "drivers/gpib/back_end.h"
#include "drivers/gpib/controller.h"
#include "drivers/gpib/dongle/dongle.h"

namespace visa::drivers::gpib::agilent {

/// Opens the adapter at `port`, with its firmware where it has none. Statuses of viOpen.
Result<std::unique_ptr<Controller>> open_adapter(AdapterPort& port, const dongle::Dongle& dongle,
                                                 const BoardRequest& request, Call& call);

}  // namespace visa::drivers::gpib::agilent
