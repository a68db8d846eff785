// SPDX-License-Identifier: MIT
// What the errors of a GPIB-ENET/100 mean. Pure: any thread.
#pragma once

#include <string>

#include "drivers/gpib/enet/enet_frames.h"
#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::gpib::enet {

/// success where the box reports none. `name` is the box, for the detail.
Status outcome(const EnetStatus& status, const std::string& name, Call& call);

/// Whether a serial poll failed because nothing answers at that address.
bool is_absence(const EnetStatus& status) noexcept;

}  // namespace visa::drivers::gpib::enet
