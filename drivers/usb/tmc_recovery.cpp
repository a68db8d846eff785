// SPDX-License-Identifier: MIT
// Invariant: step_ is what has still to be done before the next message; it becomes `none` only
// when the instrument has said that nothing is in progress, or has been cleared.
#include "drivers/usb/tmc_recovery.h"

#include <algorithm>
#include <array>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::usb {
namespace {

using std::chrono::milliseconds;

/// A packet that is still to come after an abort comes within this; an instrument that has none
/// would cost the whole timeout otherwise.
constexpr milliseconds kPatience{100};
/// The instrument is asked again after this, and more seldom each time.
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLongestPause{50};
/// An instrument that has still data after so many reads does not stop by itself.
constexpr int kMostReads = 100;
constexpr int kMostAborts = 3;
constexpr unsigned kMostTries = 2;
constexpr std::size_t kDrained = 16384;
/// The shortest time for a device clear or an abort where the program waits for nothing.
constexpr milliseconds kLeast{200};
/// Bit 0 of the second byte of a check: there is data on the bulk-IN endpoint.
constexpr std::uint8_t kDataLeft = 0x01;

TmcStatus status_of(std::span<const std::byte> reply) noexcept {
  return static_cast<TmcStatus>(reply[0]);
}

bool has_data(std::span<const std::byte> reply) noexcept {
  return (static_cast<std::uint8_t>(reply[1]) & kDataLeft) != 0;
}

Deadline sooner(Deadline until, milliseconds time) noexcept {
  return std::min(until, Deadline::after(time));
}

/// Grows the pause between two questions.
class Pauses {
 public:
  void pass(UsbInterface& usb, const Call& call, Deadline until) {
    usb.pause(call, sooner(until, time_));
    time_ = std::min(2 * time_, kLongestPause);
  }

 private:
  milliseconds time_ = kFirstPause;
};

}  // namespace

Recovery::Recovery(TmcWire& wire) : wire_(wire), in_(wire.usb.transfer(wire.in.address)) {}

void Recovery::note(Step step, std::uint8_t tag) noexcept {
  step_ = step;
  tag_ = tag;
  tries_ = 0;
}

// The call that failed may be cancelled; its recovery is not.
void Recovery::begin() {
  if (step_ == Step::none || wire_.usb.gone()) return;
  Call recovering(Deadline::after(kAfterwards));
  run(recovering);
}

Status Recovery::run(Call& call) {
  const Deadline until = with_least(call.deadline, kLeast);
  while (step_ == Step::abort_out || step_ == Step::abort_in) {
    const Progress progress =
        step_ == Step::abort_out ? abort_out(call, until) : abort_in(call, until);
    if (wire_.usb.gone()) break;
    if (progress == Progress::done) {
      step_ = Step::none;
      return Status::success;
    }
    if (++tries_ >= kMostTries) step_ = Step::clear;
    if (progress == Progress::failed) step_ = Step::clear;
    if (progress == Progress::later) break;
  }
  if (wire_.usb.gone()) return fail(UsbOutcome::gone, wire_.label, "recovering", call);
  if (call.cancelled()) return Status::error_abort;
  if (step_ != Step::clear || until.expired()) {
    return call.fail(Status::error_tmo, wire_.label +
                                            ": the instrument has not ended the message " +
                                            "that was given up; try again, or viClear");
  }
  return clear(call);
}

Recovery::Progress Recovery::progress_of(UsbOutcome outcome) const noexcept {
  switch (outcome) {
    case UsbOutcome::done:
      return Progress::done;
    case UsbOutcome::timed_out:
    case UsbOutcome::cancelled:
    case UsbOutcome::gone:
      return Progress::later;
    default:
      return Progress::failed;
  }
}

/// A reply that is too short counts as a refusal.
Recovery::Progress Recovery::ask(TmcRequest request, std::uint8_t endpoint, std::uint16_t tag,
                                 std::span<std::byte> reply, const Call& call, Deadline until) {
  const auto setup = endpoint != 0 ? endpoint_request(request, endpoint, tag)
                                   : interface_request(request, wire_.interface, tag);
  const UsbEnd end = wire_.usb.control(setup, reply, call, until);
  if (end.outcome != UsbOutcome::done) return progress_of(end.outcome);
  return end.count == reply.size() ? Progress::done : Progress::failed;
}

Recovery::Progress Recovery::clear_halt(std::uint8_t endpoint, const Call& call, Deadline until) {
  return progress_of(wire_.usb.clear_halt(endpoint, call, until));
}

// 4.2.1.2, 4.2.1.3. The instrument halts the endpoint, so the halt is cleared in any case.
Recovery::Progress Recovery::abort_out(const Call& call, Deadline until) {
  std::array<std::byte, 2> begun{};
  const std::uint8_t out = wire_.out.address;
  if (!wire_.quirks.no_abort) {
    const auto asked = ask(TmcRequest::initiate_abort_bulk_out, out, tag_, begun, call, until);
    if (asked != Progress::done) return asked;
    Pauses pauses;
    bool pending = status_of(begun) == TmcStatus::success;
    while (pending) {
      std::array<std::byte, 8> reply{};
      const auto checked = ask(TmcRequest::check_abort_bulk_out, out, 0, reply, call, until);
      if (checked != Progress::done) return checked;
      pending = status_of(reply) == TmcStatus::pending;
      if (pending && (until.expired() || call.cancelled())) return Progress::later;
      if (pending) pauses.pass(wire_.usb, call, until);
    }
  }
  return clear_halt(out, call, until);
}

// 4.2.1.4, 4.2.1.5. `failed`: nothing is in progress and nothing is queued. `not_in_progress`:
// something is queued that belongs to another tag, which the reply names.
Recovery::Progress Recovery::abort_in(const Call& call, Deadline until) {
  const std::uint8_t in = wire_.in.address;
  if (wire_.quirks.no_abort) return drain(call, until);
  for (int attempt = 0; attempt < kMostAborts; ++attempt) {
    std::array<std::byte, 2> begun{};
    const auto asked = ask(TmcRequest::initiate_abort_bulk_in, in, tag_, begun, call, until);
    if (asked != Progress::done) return asked;
    switch (status_of(begun)) {
      case TmcStatus::success:
        return check_abort_in(call, until);
      case TmcStatus::failed:
        return Progress::done;
      case TmcStatus::not_in_progress: {
        const auto drained = drain(call, until);
        if (drained != Progress::done) return drained;
        const auto other = static_cast<std::uint8_t>(begun[1]);
        if (other != 0) tag_ = other;
        break;
      }
      default:
        return Progress::failed;
    }
  }
  return Progress::failed;
}

Recovery::Progress Recovery::check_abort_in(const Call& call, Deadline until) {
  Pauses pauses;
  bool reading = true;
  for (int round = 0; round < kMostReads; ++round) {
    if (reading) {
      const auto drained = drain(call, until);
      if (drained != Progress::done) return drained;
    }
    std::array<std::byte, 8> reply{};
    const auto checked =
        ask(TmcRequest::check_abort_bulk_in, wire_.in.address, 0, reply, call, until);
    if (checked != Progress::done) return checked;
    if (status_of(reply) != TmcStatus::pending) return Progress::done;
    if (until.expired() || call.cancelled()) return Progress::later;
    reading = has_data(reply);
    if (!reading) pauses.pass(wire_.usb, call, until);
  }
  return Progress::failed;
}

// Reads until a short packet, which may be empty, or until nothing comes for a while.
Recovery::Progress Recovery::drain(const Call& call, Deadline until) {
  const std::size_t size = round_up(kDrained, wire_.in.packet);
  drained_.resize(size);
  for (int read = 0; read < kMostReads; ++read) {
    in_->start(drained_, false);
    UsbEnd end = in_->wait(call, sooner(until, kPatience));
    if (end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled) {
      const bool in_time = end.outcome == UsbOutcome::timed_out && !until.expired();
      end = in_->stop();
      if (end.outcome == UsbOutcome::gone) return Progress::later;
      return in_time ? Progress::done : Progress::later;
    }
    if (end.outcome == UsbOutcome::stalled) return clear_halt(wire_.in.address, call, until);
    if (end.outcome != UsbOutcome::done) return progress_of(end.outcome);
    if (end.count < size) return Progress::done;
  }
  return Progress::failed;
}

// 4.2.1.6, 4.2.1.7. The instrument halts its bulk-OUT endpoint until the host clears the halt.
Status Recovery::clear(Call& call) {
  const Deadline until = with_least(call.deadline, kLeast);
  step_ = Step::clear;
  std::array<std::byte, 1> begun{};
  Progress progress = ask(TmcRequest::initiate_clear, 0, 0, begun, call, until);
  if (progress == Progress::done && status_of(begun) != TmcStatus::success) {
    progress = Progress::failed;
  }
  if (progress == Progress::done) progress = check_clear(call, until);
  if (progress == Progress::done) progress = clear_halt(wire_.out.address, call, until);
  if (progress == Progress::done) {
    step_ = Step::none;
    return Status::success;
  }
  if (wire_.usb.gone()) return fail(UsbOutcome::gone, wire_.label, "clearing", call);
  if (call.cancelled()) return Status::error_abort;
  if (progress == Progress::later)
    return fail(UsbOutcome::timed_out, wire_.label, "clearing", call);
  step_ = Step::none;  // it never will: an answer that is not asked for is known by its tag
  return call.fail(Status::error_io, wire_.label + ": the instrument refuses a device clear; " +
                                         "switch it off and on");
}

Recovery::Progress Recovery::check_clear(const Call& call, Deadline until) {
  Pauses pauses;
  for (int reads = 0; reads < kMostReads;) {
    std::array<std::byte, 2> reply{};
    const auto checked = ask(TmcRequest::check_clear, 0, 0, reply, call, until);
    if (checked != Progress::done) return checked;
    if (status_of(reply) == TmcStatus::success) return Progress::done;
    if (status_of(reply) != TmcStatus::pending) return Progress::failed;
    if (until.expired() || call.cancelled()) return Progress::later;
    if (has_data(reply)) {
      ++reads;
      const auto drained = drain(call, until);
      if (drained != Progress::done) return drained;
    } else {
      pauses.pass(wire_.usb, call, until);
    }
  }
  return Progress::failed;
}

}  // namespace visa::drivers::usb
