// SPDX-License-Identifier: MIT
// Transfers over libusb's asynchronous interface. Their ends come on the thread that handles the
// events of the device; the thread that waits sleeps until then.
#pragma once

#include <libusb.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "drivers/libusb/usb_interface.h"
#include "lib/base/condition.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::usb {

class LibusbTransfer;

/// What all transfers of one device share.
struct TransferState {
  Mutex mutex;
  Condition changed;
  std::atomic<bool> gone{false};
  std::vector<LibusbTransfer*> transfers VISA_GUARDED_BY(mutex);
  bool closed VISA_GUARDED_BY(mutex) = false;
};

/// Ends all transfers of the device, while its events are still handled: later none would find its
/// end. None starts after it.
void end_transfers(TransferState& state) noexcept VISA_NO_THREAD_SAFETY_ANALYSIS;

class LibusbTransfer final : public UsbTransfer {
 public:
  /// Throws std::bad_alloc when libusb has no memory. For control transfers `endpoint` is 0 and the
  /// buffer begins with the setup packet.
  LibusbTransfer(TransferState& state, libusb_device_handle* handle, std::uint8_t endpoint);
  ~LibusbTransfer() override;
  LibusbTransfer(const LibusbTransfer&) = delete;
  LibusbTransfer& operator=(const LibusbTransfer&) = delete;

  void start(std::span<std::byte> buffer, bool quiet) override VISA_EXCLUDES(state_.mutex);
  using UsbTransfer::wait;
  /// Reads `before`, which has the same mutex, so that the analysis cannot follow.
  UsbEnd wait(const Call& call, Deadline until,
              UsbTransfer* before) override VISA_NO_THREAD_SAFETY_ANALYSIS;
  UsbEnd stop() noexcept override VISA_EXCLUDES(state_.mutex);

 private:
  static void LIBUSB_CALL ended(libusb_transfer* transfer);
  void finish(UsbEnd end) VISA_EXCLUDES(state_.mutex);

  const std::uint32_t stamp_ = fork_stamp();
  TransferState& state_;
  libusb_transfer* transfer_ = nullptr;
  bool running_ VISA_GUARDED_BY(state_.mutex) = false;
  bool quiet_ VISA_GUARDED_BY(state_.mutex) = false;
  UsbEnd end_ VISA_GUARDED_BY(state_.mutex);
};

/// Receives packet after packet from an interrupt endpoint until it is destroyed, or until an end
/// that the listener gets. Made, used and destroyed by one thread.
class InterruptReader {
 public:
  InterruptReader(TransferState& state, libusb_device_handle* handle, std::uint8_t endpoint,
                  std::size_t size, UsbListener& listener);
  ~InterruptReader();
  InterruptReader(const InterruptReader&) = delete;
  InterruptReader& operator=(const InterruptReader&) = delete;

  UsbOutcome start() VISA_EXCLUDES(state_.mutex);

 private:
  static void LIBUSB_CALL received(libusb_transfer* transfer);
  bool again() VISA_EXCLUDES(state_.mutex);

  const std::uint32_t stamp_ = fork_stamp();
  TransferState& state_;
  UsbListener& listener_;
  std::vector<std::byte> buffer_;
  libusb_transfer* transfer_;
  bool running_ VISA_GUARDED_BY(state_.mutex) = false;
  bool stopping_ VISA_GUARDED_BY(state_.mutex) = false;
  unsigned failures_ = 0;  // in a row; on the thread of the events
};

}  // namespace visa::drivers::usb
