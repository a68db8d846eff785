// SPDX-License-Identifier: MIT
// USB488 1.0, 4.3.1: with an interrupt endpoint the status byte comes there, beside the reply to
// the request; without, in the reply. Some instruments promise the one and do the other.
#include "drivers/usb/status_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "drivers/libusb/usb_error.h"
#include "drivers/usb/interrupt_packet.h"
#include "lib/base/log.h"

namespace visa::drivers::usb {
namespace {

using std::chrono::milliseconds;

/// Bit 6 of the status byte: the device requests service (IEEE 488.1).
constexpr std::uint8_t kRequest = 0x40;
/// An answer on the interrupt pipe comes with the reply; after this it never will.
constexpr milliseconds kPatience{500};
constexpr milliseconds kBusyPause{10};
constexpr milliseconds kLeast{50};

}  // namespace

StatusReader::StatusReader(TmcWire& wire, Endpoint interrupt) : wire_(wire), interrupt_(interrupt) {
  in_reply_ = wire.quirks.status_in_reply;
}

void StatusReader::start(const Call& call) {
  if (!interrupt_) return;
  bool stalled = false;
  {
    const MutexLock lock(mutex_);
    if (std::exchange(listening_, true)) return;
    stalled = std::exchange(stalled_, false);
  }
  // A destructor, so that a thread that is ended by force leaves nothing that only seems to listen.
  struct Undo {
    StatusReader& reader;
    bool stalled;
    bool listens = false;
    ~Undo() {
      if (listens) return;
      const MutexLock lock(reader.mutex_);
      reader.listening_ = false;
      reader.stalled_ = stalled;
    }
  } undo{*this, stalled};
  auto outcome = UsbOutcome::done;
  if (stalled) {
    outcome = wire_.usb.clear_halt(interrupt_.address, call, with_least(call.deadline, kLeast));
  }
  const bool over = outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled;
  if (!over) outcome = wire_.usb.listen(interrupt_.address, interrupt_.packet, *this);
  undo.stalled = over;
  undo.listens = outcome == UsbOutcome::done;
}

void StatusReader::interrupt(UsbOutcome outcome, std::span<const std::byte> packet) {
  if (outcome != UsbOutcome::done) {
    const MutexLock lock(mutex_);
    listening_ = false;
    stalled_ = outcome == UsbOutcome::stalled;
    changed_.notify_all();
    return;
  }
  const InterruptPacket read = read_interrupt_packet(packet);
  switch (read.kind) {
    case InterruptPacket::Kind::nothing:
      return;
    case InterruptPacket::Kind::status_byte: {
      const MutexLock lock(mutex_);
      in_reply_ = wire_.quirks.status_in_reply;
      if (asked_.tag != read.tag) return;  // to a question that was given up
      asked_.answer = read.status;
      changed_.notify_all();
      return;
    }
    case InterruptPacket::Kind::service_request: {
      {
        const MutexLock lock(mutex_);
        requested_ = true;
      }
      return subscribers_.post(VI_EVENT_SERVICE_REQ, packet);
    }
    case InterruptPacket::Kind::notification:
      return subscribers_.post(VI_EVENT_USB_INTR, packet);
  }
}

void StatusReader::subscribe(ViEventType type, spi::EventSink& sink, std::size_t most) {
  start(Call(Deadline::after(kLeast)));
  subscribers_.subscribe(type, sink, most);
}

void StatusReader::unsubscribe(ViEventType type, const spi::EventSink& sink) {
  subscribers_.unsubscribe(type, sink);
}

void StatusReader::wake() noexcept {
  gate_.wake();
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

void StatusReader::expect(std::uint8_t tag) {
  const MutexLock lock(mutex_);
  asked_ = {tag};
}

// Bit 6 in what the instrument says is not reliable; the request that was received is.
std::uint8_t StatusReader::with_request(std::uint8_t status) {
  const MutexLock lock(mutex_);
  return std::exchange(requested_, false) ? static_cast<std::uint8_t>(status | kRequest) : status;
}

Result<std::uint8_t> StatusReader::read(Call& call) {
  if (wire_.usb.gone()) return fail(UsbOutcome::gone, wire_.label, "reading the status", call);
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  start(call);
  const std::uint8_t tag = tag_.next();
  expect(tag);
  const auto in_reply = ask(tag, call);
  if (!in_reply) return in_reply.status();
  const auto status = await_answer(*in_reply, call);
  expect(0);
  if (!status) return status.status();
  return with_request(*status);
}

/// The third byte of the reply.
Result<std::uint8_t> StatusReader::ask(std::uint8_t tag, Call& call) {
  const Deadline until = with_least(call.deadline, kLeast);
  for (;;) {
    std::array<std::byte, 3> reply{};
    const auto setup = interface_request(TmcRequest::read_status_byte, wire_.interface, tag);
    const UsbEnd end = wire_.usb.control(setup, reply, call, until);
    if (end.outcome == UsbOutcome::stalled) {
      return call.fail(Status::error_nsup_oper,
                       wire_.label + ": the instrument has no status byte on this wire");
    }
    if (end.outcome != UsbOutcome::done) {
      return fail(end.outcome, wire_.label, "reading the status", call);
    }
    const auto status = static_cast<TmcStatus>(reply[0]);
    if (status == TmcStatus::interrupt_busy) {  // its interrupt pipe is full
      if (until.expired() || call.cancelled()) {
        return fail(call.cancelled() ? UsbOutcome::cancelled : UsbOutcome::timed_out, wire_.label,
                    "reading the status", call);
      }
      wire_.usb.pause(call, std::min(until, Deadline::after(kBusyPause)));
      continue;
    }
    if (status != TmcStatus::success || end.count < 2 ||
        static_cast<std::uint8_t>(reply[1]) != tag) {
      return call.fail(Status::error_inp_prot_viol,
                       wire_.label +
                           ": the instrument answers the question for its status byte "
                           "wrongly; try again");
    }
    return static_cast<std::uint8_t>(reply[2]);
  }
}

// Without an interrupt packet the third byte of the reply counts, as some instruments have it
// there. But 0 is what all others have there, so that 0 is believed only of an instrument that is
// known.
Result<std::uint8_t> StatusReader::await_answer(std::uint8_t in_reply, Call& call) {
  MutexLock lock(mutex_);
  if (!interrupt_ || in_reply_) return in_reply;
  const Deadline deadline = with_least(call.deadline, kLeast);
  const Deadline until = in_reply != 0 ? std::min(deadline, Deadline::after(kPatience)) : deadline;
  while (!asked_.answer && listening_) {
    if (call.cancelled()) return Status::error_abort;
    if (until.expired()) break;
    changed_.wait_until(lock, until.time_point(), call);
  }
  if (asked_.answer) return *asked_.answer;
  if (wire_.usb.gone()) return fail(UsbOutcome::gone, wire_.label, "reading the status", call);
  if (in_reply != 0) {
    in_reply_ = true;
    log::line(wire_.label + ": the status byte comes in the reply, not by interrupt");
    return in_reply;
  }
  return call.fail(Status::error_tmo,
                   wire_.label +
                       ": the status byte did not come by interrupt; where it comes in the "
                       "reply, set status_in_reply in its transport table");
}

}  // namespace visa::drivers::usb
