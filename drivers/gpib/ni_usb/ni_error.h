// SPDX-License-Identifier: MIT
// What an NI adapter reports of an operation as a status, with the line for the user. A free
// function: any thread.
#pragma once

#include <cstdint>
#include <string>

#include "drivers/gpib/ni_usb/ni_blocks.h"
#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::gpib::ni_usb {

enum class Step : std::uint8_t { commands, write, read, other };

/// Never for Error::none. Error::stopped is error_abort where the call was cancelled, else
/// error_tmo. `name` is that of the adapter.
Status failure(Step step, const StatusBlock& status, const std::string& name, Call& call);

}  // namespace visa::drivers::gpib::ni_usb
