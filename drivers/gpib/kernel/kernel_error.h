// SPDX-License-Identifier: MIT
// What the errors of /dev/gpibN mean. The same errno means different things for different requests
// (EINVAL: not controller in charge, not system controller, or offline), so that each step of the
// driver has rows of its own. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::gpib::kernel {

/// What the driver was doing.
enum class Step : std::uint8_t {
  open,             // open(2)
  look,             // IBBOARD_INFO and IBWAIT without a mask, while opening
  lock,             // IBMUTEX
  set_up,           // IBTMO, IBEOS
  command,          // IBCMD
  write,            // IBWRT
  read,             // IBRD
  poll,             // IBRSP
  clear_interface,  // IBSIC
  remote_enable,    // IBSRE
  attention,        // IBCAC, IBGTS
  lines,            // IBLINES
  wait,             // IBWAIT
  address,          // IBPAD, IBSAD
  system_control,   // IBRSC
  own_status,       // IBRSV
};

/// The status for `error`, an errno. `name` is the device node; the detail says what to do.
Status failure(Step step, int error, const std::string& name, Call& call);

}  // namespace visa::drivers::gpib::kernel
