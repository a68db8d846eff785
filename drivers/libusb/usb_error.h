// SPDX-License-Identifier: MIT
// Outcomes of USB transfers as statuses, with the line for the user. Free functions: any thread.
#pragma once

#include <string_view>

#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/status.h"

namespace visa::drivers::usb {

/// `doing` says what was tried on `label` ("reading"). Never for UsbOutcome::done.
Status fail(UsbOutcome outcome, std::string_view label, std::string_view doing, Call& call);

}  // namespace visa::drivers::usb
