// SPDX-License-Identifier: MIT
// Takes a dongle for this process. A free function: any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "drivers/gpib/dongle/dongle.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/result.h"

namespace visa::drivers::gpib::dongle {

/// Whether a driver of the kernel may be taken off the dongle. error_rsrc_busy, with the board to
/// use instead: never where a kernel board is in use, because that board may be this dongle and
/// would be dead. `kernel_boards`: those in use.
Result<bool> may_detach(const Dongle& dongle, std::span<const std::uint16_t> kernel_boards,
                        Call& call);

/// Opens the device and claims the interface of its model. A driver of the kernel that has no board
/// in use is taken off, which leaves a trace line, and gets the adapter back with the end of the
/// interface. error_rsrc_busy with the process that holds it, error_npermission with the cure,
/// error_rsrc_nfound, error_alloc, error_system_error.
Result<std::unique_ptr<usb::UsbInterface>> claim(const Dongle& dongle, Call& call);

}  // namespace visa::drivers::gpib::dongle
