// SPDX-License-Identifier: MIT
// Invariant: the thread of the events runs from before the first transfer until after the last one,
// so that every transfer finds its end.
#include "drivers/libusb/libusb_interface.h"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "drivers/common/file_holder.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/quiet_thread.h"

namespace visa::drivers::usb {
namespace {

constexpr std::uint8_t kToHost = 0x80;
/// CLEAR_FEATURE(ENDPOINT_HALT), to an endpoint (USB 2.0, 9.4.1).
constexpr std::uint8_t kToEndpoint = 0x02;
constexpr std::uint8_t kClearFeature = 1;
constexpr std::uint16_t kEndpointHalt = 0;
/// As the kernel has it, also for a call without a timeout; a device has 50 ms (9.2.6.4).
constexpr std::chrono::seconds kLongestRequest{5};

Status explain_claim(int error, const UsbDeviceInfo& device, std::uint8_t interface,
                     const std::string& driver, Call& call) {
  const std::string what = device.node() + " interface " + std::to_string(interface);
  switch (error) {
    case LIBUSB_ERROR_BUSY: {
      const std::string holder = holder_of(device.node(), call);
      std::string text = what + " is held by ";
      if (!holder.empty()) {
        text += holder + "; close it there";
      } else if (!driver.empty() && driver != "usbfs") {
        text += "the kernel driver " + driver + "; unbind it, or use the device through it";
      } else {
        text +=
            "another program, perhaps of another user, or by another library of this one; "
            "close it there";
      }
      return call.fail(Status::error_rsrc_busy, text);
    }
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
      return call.fail(Status::error_rsrc_nfound, what + ": unplugged or reconfigured meanwhile");
    case LIBUSB_ERROR_NO_MEM:
      return call.fail(Status::error_alloc, what + ": no memory");
    case LIBUSB_ERROR_ACCESS:
      return call.fail(Status::error_npermission, what + ": no permission to claim it");
    default:
      return call.fail(Status::error_system_error,
                       what + ": claiming: " + libusb_error_name(error));
  }
}

}  // namespace

LibusbInterface::LibusbInterface(std::unique_ptr<LibusbContext> context, std::uint8_t interface)
    : context_(std::move(context)), interface_(interface) {}

Result<std::unique_ptr<UsbInterface>> LibusbInterface::open(const UsbDeviceInfo& device,
                                                            std::uint8_t interface, bool detach,
                                                            Call& call) {
  auto context = LibusbContext::open(device, call);
  if (!context) return context.status();
  const std::string driver = device.kernel_driver(interface);
  std::unique_ptr<LibusbInterface> made(new LibusbInterface(*std::move(context), interface));
  {
    const CancelShield shield;
    // libusb detaches just this interface, and attaches its driver again when it is released.
    if (detach) libusb_set_auto_detach_kernel_driver(made->context_->handle(), 1);
    const int error = libusb_claim_interface(made->context_->handle(), interface);
    if (error != 0) return explain_claim(error, device, interface, driver, call);
    made->claimed_ = true;
  }
  try {
    made->start_events();
  } catch (const std::system_error&) {
    return call.fail(Status::error_alloc, device.node() + ": no thread for its events");
  }
  return std::unique_ptr<UsbInterface>(std::move(made));
}

void LibusbInterface::start_events() {
  events_ = start_quiet_thread([this] { handle_events(); });
}

LibusbInterface::~LibusbInterface() {
  if (stamp_ != fork_stamp()) {
    events_.detach();  // that thread is the parent's
    return;
  }
  close();
}

void LibusbInterface::close() noexcept {
  if (stamp_ != fork_stamp()) return;  // it is the parent's
  const CancelShield shield;
  stop_listening();
  end_transfers(shared_);
  if (events_.joinable()) {
    stopping_.store(1, std::memory_order_release);
    libusb_interrupt_event_handler(context_->context());
    events_.join();
  }
  if (std::exchange(claimed_, false)) {
    libusb_release_interface(context_->handle(), interface_);
  }
}

// libusb wakes up for every transfer that ends, and for the interruption.
void LibusbInterface::handle_events() {
  while (stopping_.load(std::memory_order_acquire) == 0) {
    timeval long_time{3600, 0};
    libusb_handle_events_timeout_completed(context_->context(), &long_time, nullptr);
  }
}

std::unique_ptr<UsbTransfer> LibusbInterface::transfer(std::uint8_t endpoint) {
  return std::make_unique<LibusbTransfer>(shared_, context_->handle(), endpoint);
}

UsbEnd LibusbInterface::control(const spi::UsbSetup& setup, std::span<std::byte> data,
                                const Call& call, Deadline until) {
  std::vector<std::byte> buffer(LIBUSB_CONTROL_SETUP_SIZE + data.size());
  libusb_fill_control_setup(reinterpret_cast<unsigned char*>(buffer.data()), setup.request_type,
                            setup.request, setup.value, setup.index,
                            static_cast<std::uint16_t>(data.size()));
  auto* const payload = buffer.data() + LIBUSB_CONTROL_SETUP_SIZE;
  const bool to_host = (setup.request_type & kToHost) != 0;
  if (!to_host && !data.empty()) std::memcpy(payload, data.data(), data.size());
  LibusbTransfer transfer(shared_, context_->handle(), 0);
  transfer.start(buffer, false);
  UsbEnd end = transfer.wait(call, until);
  const UsbOutcome outcome = end.outcome;
  if (outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled) {
    end = transfer.stop();
    if (end.outcome != UsbOutcome::done) end.outcome = outcome;
  }
  if (to_host && end.count > 0) std::memcpy(data.data(), payload, std::min(end.count, data.size()));
  return end;
}

// libusb_clear_halt is one ioctl, in which the kernel makes this request, waits five seconds for a
// device that does not answer, and after a success resets its own side of the endpoint: the data
// toggle. Here the same two steps are asked for one by one, because a transfer has a deadline and
// can be cancelled. The second step puts nothing on the wire.
UsbOutcome LibusbInterface::clear_halt(std::uint8_t endpoint, const Call& call, Deadline until) {
  const spi::UsbSetup request{kToEndpoint, kClearFeature, kEndpointHalt, endpoint};
  const Deadline limit = std::min(until, Deadline::after(kLongestRequest));
  const UsbEnd asked = control(request, {}, call, limit);
  if (asked.outcome != UsbOutcome::done) return asked.outcome;
  const CancelShield shield;
  unsigned number = endpoint;
  if (::ioctl(context_->descriptor(), USBDEVFS_RESETEP, &number) == 0) return UsbOutcome::done;
  return errno == ENODEV ? UsbOutcome::gone : UsbOutcome::failed;
}

UsbOutcome LibusbInterface::set_alternate(std::uint8_t setting) {
  const CancelShield shield;
  const int error = libusb_set_interface_alt_setting(context_->handle(), interface_, setting);
  return error == 0 ? UsbOutcome::done : outcome_of(error);
}

UsbOutcome LibusbInterface::listen(std::uint8_t endpoint, std::size_t size, UsbListener& listener) {
  reader_.reset();
  reader_ =
      std::make_unique<InterruptReader>(shared_, context_->handle(), endpoint, size, listener);
  return reader_->start();
}

void LibusbInterface::stop_listening() noexcept {
  reader_.reset();
}

void LibusbInterface::pause(const Call& call, Deadline until) {
  MutexLock lock(shared_.mutex);
  while (!call.cancelled() && !until.expired()) {
    shared_.changed.wait_until(lock, until.time_point(), call);
  }
}

void LibusbInterface::wake() noexcept {
  const MutexLock lock(shared_.mutex);
  shared_.changed.notify_all();
}

}  // namespace visa::drivers::usb
