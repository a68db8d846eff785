// SPDX-License-Identifier: MIT
// The status byte, and what comes on the interrupt-IN pipe: service requests, status bytes that
// were asked for, notifications of the maker. One reader per device listens from the moment the
// device is opened, because a packet that is not read blocks those after it.
//
// Thread-safe: sessions ask and subscribe from their threads, packets come on the thread of the
// device's events. Subscribers are posted to without a lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "drivers/common/gate.h"
#include "drivers/usb/interrupt_subscribers.h"
#include "drivers/usb/tmc_wire.h"
#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::usb {

class StatusReader final : private UsbListener {
 public:
  /// `interrupt`: the interrupt endpoint, if there is one. `label` names the resource in messages.
  StatusReader(TmcWire& wire, Endpoint interrupt);

  /// Begins to listen. A failure is tried again when the status byte is asked for.
  void start(const Call& call) VISA_EXCLUDES(mutex_);
  bool has_interrupts() const noexcept { return static_cast<bool>(interrupt_); }
  /// The largest packet of the interrupt endpoint; 0 without one.
  std::uint16_t packet_size() const noexcept { return interrupt_.packet; }

  /// READ_STATUS_BYTE. Ends a service request that was received: bit 6 is set once after it.
  Result<std::uint8_t> read(Call& call) VISA_EXCLUDES(mutex_);

  /// VI_EVENT_SERVICE_REQ and VI_EVENT_USB_INTR, as InterruptSubscribers has it.
  void subscribe(ViEventType type, spi::EventSink& sink, std::size_t most) VISA_EXCLUDES(mutex_);
  void unsubscribe(ViEventType type, const spi::EventSink& sink);

  void wake() noexcept VISA_EXCLUDES(mutex_);

 private:
  struct Asked {
    std::uint8_t tag = 0;
    std::optional<std::uint8_t> answer = {};
  };

  void interrupt(UsbOutcome outcome, std::span<const std::byte> packet) override;
  Result<std::uint8_t> ask(std::uint8_t tag, Call& call);
  Result<std::uint8_t> await_answer(std::uint8_t in_reply, Call& call) VISA_EXCLUDES(mutex_);
  void expect(std::uint8_t tag) VISA_EXCLUDES(mutex_);
  std::uint8_t with_request(std::uint8_t status) VISA_EXCLUDES(mutex_);

  TmcWire& wire_;
  const Endpoint interrupt_;
  Gate gate_;      // one question at a time
  StatusTag tag_;  // inside the gate
  Mutex mutex_;
  Condition changed_;
  Asked asked_ VISA_GUARDED_BY(mutex_);
  bool listening_ VISA_GUARDED_BY(mutex_) = false;
  bool requested_ VISA_GUARDED_BY(mutex_) = false;  // service, and the poll is still to come
  bool stalled_ VISA_GUARDED_BY(mutex_) = false;    // why the listening ended
  bool in_reply_ VISA_GUARDED_BY(mutex_) = false;   // the status byte comes there, not by interrupt
  InterruptSubscribers subscribers_;
};

}  // namespace visa::drivers::usb
