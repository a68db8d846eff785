// SPDX-License-Identifier: MIT
// A claimed interface over libusb: a context of its own, the open device, and one thread for its
// events, all from `open` to `close`. Any thread, as usb_interface.h says.
//
// A context per device, not one per process: the lists and locks of a context are shared by all its
// devices, and the default context belongs to the program. No descriptor of the device is kept by a
// child of fork, so that a child does not hold the claim; the child touches nothing of libusb here.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "drivers/libusb/libusb_context.h"
#include "drivers/libusb/libusb_transfer.h"
#include "drivers/libusb/usb_device_info.h"
#include "drivers/libusb/usb_interface.h"
#include "lib/base/call.h"
#include "lib/base/fork_stamp.h"
#include "lib/base/result.h"

namespace visa::drivers::usb {

class LibusbInterface final : public UsbInterface {
 public:
  /// Opens the device and claims the interface; a kernel driver of that interface is detached until
  /// `close` where `detach` allows it. error_npermission, error_rsrc_busy (with the process that
  /// holds it), error_rsrc_nfound, error_alloc, error_system_error.
  static Result<std::unique_ptr<UsbInterface>> open(const UsbDeviceInfo& device,
                                                    std::uint8_t interface, bool detach,
                                                    Call& call);
  ~LibusbInterface() override;
  LibusbInterface(const LibusbInterface&) = delete;
  LibusbInterface& operator=(const LibusbInterface&) = delete;

  std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) override;
  UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call& call,
                 Deadline until) override;
  UsbOutcome clear_halt(std::uint8_t endpoint, const Call& call, Deadline until) override;
  UsbOutcome set_alternate(std::uint8_t setting) override;
  UsbOutcome listen(std::uint8_t endpoint, std::size_t size, UsbListener& listener) override;
  void stop_listening() noexcept override;
  void pause(const Call& call, Deadline until) override;
  void wake() noexcept override;
  bool gone() const noexcept override { return shared_.gone.load(std::memory_order_acquire); }
  void close() noexcept override;

 private:
  LibusbInterface(std::unique_ptr<LibusbContext> context, std::uint8_t interface);
  void start_events();
  void handle_events();

  const std::uint32_t stamp_ = fork_stamp();
  const std::unique_ptr<LibusbContext> context_;
  const std::uint8_t interface_;
  TransferState shared_;
  std::unique_ptr<InterruptReader> reader_;
  bool claimed_ = false;
  std::atomic<int> stopping_{0};
  std::thread events_;
};

}  // namespace visa::drivers::usb
