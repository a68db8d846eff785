// SPDX-License-Identifier: MIT
// A libusb context with one open device in it. Owned by one LibusbInterface; used by the thread
// that opens or closes it, while the thread of the events only reads the handles.
#pragma once

#include <libusb.h>

#include <cstdint>
#include <memory>

#include "drivers/libusb/usb_device_info.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/result.h"

namespace visa::drivers::usb {

/// What an error of libusb is; never UsbOutcome::done.
UsbOutcome outcome_of(int libusb_error) noexcept;

class LibusbContext {
 public:
  /// error_npermission with the cure, error_rsrc_nfound, error_alloc, error_system_error.
  static Result<std::unique_ptr<LibusbContext>> open(const UsbDeviceInfo& device, Call& call);
  /// Closes the device and ends the context; in a child of fork it does nothing.
  ~LibusbContext();
  LibusbContext(const LibusbContext&) = delete;
  LibusbContext& operator=(const LibusbContext&) = delete;

  libusb_context* context() const noexcept { return context_; }
  libusb_device_handle* handle() const noexcept { return handle_; }
  /// Of the device node, for requests that libusb has no function for.
  int descriptor() const noexcept { return fd_; }

 private:
  LibusbContext() = default;
  int find_and_open(const UsbDeviceInfo& device);
  bool note_descriptor();

  const std::uint32_t stamp_ = fork_stamp();
  libusb_context* context_ = nullptr;
  libusb_device_handle* handle_ = nullptr;
  int fd_ = -1;               // libusb's of the device, and
  FdPlace* place_ = nullptr;  // where it is noted, so that a child of fork closes it
};

}  // namespace visa::drivers::usb
