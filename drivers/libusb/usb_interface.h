// SPDX-License-Identifier: MIT
// One claimed interface of an open USB device, as the protocols of this folder see it. The library
// over libusb implements it (libusb_interface.h); unit tests put a scripted device in its place.
//
// A transfer is started, waited for, and stopped where the wait gave up. Everything may be called
// from any thread, but one transfer by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "lib/base/call.h"
#include "lib/base/deadline.h"
#include "lib/spi/bus_facets.h"

namespace visa::drivers::usb {

enum class UsbOutcome : std::uint8_t {
  done,
  timed_out,  // still running: the deadline came first
  cancelled,  // still running: the call was cancelled
  stopped,    // ended by stop()
  stalled,    // the endpoint is halted, or the request is not supported
  overflow,   // the device sent more than a packet may have
  gone,       // the device is unplugged
  no_memory,  // the system has no memory for transfers of this size
  failed,     // the system reports another error
};

/// How a transfer ended, and how many bytes passed until then, whatever the outcome.
struct UsbEnd {
  UsbOutcome outcome = UsbOutcome::done;
  std::size_t count = 0;
};

/// One transfer after another on one endpoint.
class UsbTransfer {
 public:
  /// Stops what is running.
  virtual ~UsbTransfer() = default;
  /// Moves `buffer` to or from the device from now on; the buffer must live until the end. A
  /// failure to start is reported by `wait`. `quiet`: success wakes no thread, because only what
  /// comes after it is waited for.
  virtual void start(std::span<std::byte> buffer, bool quiet) = 0;
  /// Waits for the end. `until` and the cancel token of `call` end the wait, not the transfer.
  /// `before`: another transfer of the same device that must succeed for this one to end. When it
  /// fails, this returns with its outcome and a count of 0.
  virtual UsbEnd wait(const Call& call, Deadline until, UsbTransfer* before) = 0;
  UsbEnd wait(const Call& call, Deadline until) { return wait(call, until, nullptr); }
  /// Ends what is running and returns when the buffer is no longer used. The count includes what
  /// passed before. After the end it returns the end once more.
  virtual UsbEnd stop() noexcept = 0;
};

/// Takes interrupt packets, on the thread that handles the events of the device.
class UsbListener {
 public:
  virtual ~UsbListener() = default;
  /// One packet, or with an outcome other than `done` the end of listening.
  virtual void interrupt(UsbOutcome outcome, std::span<const std::byte> packet) = 0;
};

class UsbInterface {
 public:
  virtual ~UsbInterface() = default;

  virtual std::unique_ptr<UsbTransfer> transfer(std::uint8_t endpoint) = 0;

  /// A control transfer on the default pipe; bit 7 of the request type tells the direction. A
  /// transfer that the deadline or the cancel token ended is over: timed_out, cancelled.
  virtual UsbEnd control(const spi::UsbSetup& setup, std::span<std::byte> data, const Call& call,
                         Deadline until) = 0;

  /// Ends the halt of an endpoint on both sides, in five seconds at most. No transfer may be
  /// running there. timed_out, cancelled: the sides may differ now; it has to be asked for again
  /// before the next transfer.
  virtual UsbOutcome clear_halt(std::uint8_t endpoint, const Call& call, Deadline until) = 0;
  /// The kernel waits up to five seconds for a device that does not answer, and nothing ends that:
  /// only for what the user asks for.
  virtual UsbOutcome set_alternate(std::uint8_t setting) = 0;

  /// From now on packets of up to `size` bytes from an interrupt endpoint go to `listener`, until
  /// stop_listening, or until an end that the listener gets.
  virtual UsbOutcome listen(std::uint8_t endpoint, std::size_t size, UsbListener& listener) = 0;
  /// Returns when the listener is no longer called. Not for the listener itself.
  virtual void stop_listening() noexcept = 0;

  /// Waits until the time or the cancel token; for procedures that must ask again after a while.
  virtual void pause(const Call& call, Deadline until) = 0;

  /// Makes waiting threads look at their cancel tokens.
  virtual void wake() noexcept = 0;
  /// The device is unplugged: nothing will work again.
  virtual bool gone() const noexcept = 0;
  /// Ends everything, running transfers too, and gives the interface back. Nothing is started
  /// after it.
  virtual void close() noexcept = 0;
};

}  // namespace visa::drivers::usb
