// SPDX-License-Identifier: MIT
// The kernel does not tell which adapter a board /dev/gpibN is. So one board in use is enough to
// leave every adapter alone that a driver of the kernel holds.
#include "drivers/gpib/dongle/claim.h"

#include <string>

#include "drivers/gpib/kernel/kernel_boards.h"
#include "drivers/libusb/libusb_interface.h"
#include "lib/base/log.h"

namespace visa::drivers::gpib::dongle {

Result<bool> may_detach(const Dongle& dongle, std::span<const std::uint16_t> kernel_boards,
                        Call& call) {
  const std::string driver = dongle.kernel_driver();
  if (driver.empty()) return false;
  if (kernel_boards.empty()) return true;
  std::string boards;
  for (const auto number : kernel_boards) {
    boards.append(boards.empty() ? "" : ", ").append("/dev/gpib" + std::to_string(number));
  }
  return call.fail(Status::error_rsrc_busy,
                   dongle.name() + " is held by the kernel driver " + driver + ", and " + boards +
                       " is in use; open the adapter as that board, or take the board offline "
                       "(gpib_config --offline, or unload " +
                       driver + ")");
}

Result<std::unique_ptr<usb::UsbInterface>> claim(const Dongle& dongle, Call& call) {
  const std::string driver = dongle.kernel_driver();
  bool detach = false;
  if (!driver.empty()) {
    const auto may = may_detach(dongle, kernel::boards_in_use(), call);
    if (!may) return may.status();
    detach = *may;
  }
  auto usb = usb::LibusbInterface::open(dongle.device, dongle.model->interface, detach, call);
  if (!usb) {
    if (!call.detail.empty()) call.detail = dongle.name() + ": " + call.detail;
    return usb.status();
  }
  if (detach && log::enabled()) {
    log::line(dongle.name() + ": taken from the kernel driver " + driver +
              ", which has no board online; it gets the adapter back at the end");
  }
  return usb;
}

}  // namespace visa::drivers::gpib::dongle
