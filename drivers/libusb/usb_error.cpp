// SPDX-License-Identifier: MIT
// The one place where an outcome becomes a status (style rule 13).
#include "drivers/libusb/usb_error.h"

#include <string>

namespace visa::drivers::usb {
namespace {

struct Meaning {
  Status status;
  std::string_view text;
};

Meaning meaning_of(UsbOutcome outcome) noexcept {
  switch (outcome) {
    case UsbOutcome::timed_out:
      return {Status::error_tmo, "not done within the timeout; is VI_ATTR_TMO_VALUE long enough?"};
    case UsbOutcome::cancelled:
      return {Status::error_abort, ""};
    case UsbOutcome::stalled:
      return {Status::error_io, "the instrument refused the transfer (stall); try viClear"};
    case UsbOutcome::overflow:
      return {Status::error_io, "the instrument sent more than a packet; try viClear"};
    case UsbOutcome::gone:
      return {Status::error_conn_lost,
              "unplugged or switched off; close this session and open it again"};
    case UsbOutcome::no_memory:
      return {Status::error_alloc,
              "the system has no memory for USB transfers; close other USB programs, or raise "
              "usbcore.usbfs_memory_mb"};
    default:
      return {Status::error_io, "the USB system reports an error; check cable and hub"};
  }
}

}  // namespace

Status fail(UsbOutcome outcome, std::string_view label, std::string_view doing, Call& call) {
  const Meaning meaning = meaning_of(outcome);
  if (meaning.text.empty()) return meaning.status;
  std::string text(label);
  text.append(", ").append(doing).append(": ").append(meaning.text);
  return call.fail(meaning.status, text);
}

}  // namespace visa::drivers::usb
