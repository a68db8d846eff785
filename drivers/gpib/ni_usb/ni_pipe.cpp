// SPDX-License-Identifier: MIT
// Invariant: outside of a method no transfer is running, unless a reply is owed.
#include "drivers/gpib/ni_usb/ni_pipe.h"

#include <algorithm>
#include <string>
#include <utility>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

using namespace std::chrono_literals;
using usb::UsbOutcome;

constexpr std::uint8_t kFromDevice = 0xC0;
constexpr std::uint8_t kStop = 0x20;
/// A control request is answered at once.
constexpr auto kControl = 100ms;
/// For a reply that is owed: longer than any adapter needs after a stop request.
constexpr auto kOwed = 500ms;
/// Nothing for so long: the pipe is empty.
constexpr auto kSilence = 50ms;
constexpr unsigned kMostDrained = 16;
constexpr std::size_t kDrainSize = 65536;
/// Packets without bytes may come between those of a reply, but not without end.
constexpr unsigned kMostEmpty = 8;

Status status_of(UsbOutcome outcome) noexcept {
  return outcome == UsbOutcome::cancelled ? Status::error_abort : Status::error_tmo;
}

}  // namespace

NiPipe::NiPipe(usb::UsbInterface& usb, const dongle::Model& model, std::string_view label)
    : usb_(usb),
      model_(model),
      label_(label),
      out_(usb.transfer(model.bulk_out)),
      in_(usb.transfer(model.bulk_in)) {}

Status NiPipe::fail(UsbOutcome outcome, Call& call) {
  in_step_ = false;
  if (outcome == UsbOutcome::gone || outcome == UsbOutcome::no_memory) {
    return usb::fail(outcome, label_, "exchanging a message", call);
  }
  return call.fail(Status::error_io,
                   label_ + ": a message was broken off at USB; check the cable, or the hub");
}

Exchanged NiPipe::exchange(Shape shape, std::size_t wanted, Deadline until, Call& call) {
  if (owed_ || !in_step_) {
    if (const Status status = settle(call); failed(status)) return {status};
  }
  shape_ = shape;
  wanted_ = wanted;
  count_ = 0;
  empty_ = 0;
  reply_.resize(std::max(reply_.size(), most_of(shape, wanted)));
  in_step_ = false;  // until the reply is whole, also when this thread is ended by force
  std::swap(request_, sent_);
  out_->start(sent_, true);
  in_->start(std::span(reply_).first(most_of(shape, wanted)), false);
  const auto [outcome, progress] = receive(call, until, out_.get());
  if (outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled) {
    return stop(status_of(outcome), call);
  }
  // A reply to a request that has not gone out is the reply to another one.
  if (progress == Progress::whole && has_sent()) {
    in_step_ = true;
    return {Status::success, reply()};
  }
  out_->stop();
  in_->stop();
  if (outcome != UsbOutcome::done) return {fail(outcome, call)};
  return {call.fail(Status::error_io,
                    label_ + ": an answer that fits no request; it is brought in step again")};
}

/// Whether the whole request went out. It ended before the reply, or else never does.
bool NiPipe::has_sent() {
  const Call moment(Deadline::after(kGrace));
  const auto end = out_->wait(moment, moment.deadline);
  return end.outcome == UsbOutcome::done && end.count == sent_.size();
}

/// Until the reply is whole or broken, or something else happens.
NiPipe::Received NiPipe::receive(const Call& call, Deadline until, usb::UsbTransfer* before) {
  for (;;) {
    const auto end = in_->wait(call, until, before);
    if (end.outcome != UsbOutcome::done) return {end.outcome};
    count_ += end.count;
    empty_ = end.count == 0 ? empty_ + 1 : 0;
    auto progress = look(shape_, wanted_, reply());
    const auto room = std::span(reply_).first(most_of(shape_, wanted_)).subspan(count_);
    if (progress == Progress::more && (room.empty() || empty_ > kMostEmpty)) {
      progress = Progress::broken;
    }
    if (progress != Progress::more) return {UsbOutcome::done, progress};
    in_->start(room, false);
  }
}

void NiPipe::send_stop(Call& call) {
  control({kFromDevice, kStop, 0, 0, 8}, call);
}

/// The time is over. The adapter replies to a stop at once, unless it is in trouble.
Exchanged NiPipe::stop(Status reason, Call& call) {
  Call grace(Deadline::after(kGrace));
  send_stop(grace);
  const auto [outcome, progress] = receive(grace, grace.deadline, nullptr);
  if (outcome == UsbOutcome::done && progress == Progress::whole) {
    in_step_ = has_sent();
    out_->stop();
    return {Status::success, reply(), true};
  }
  owed_ = outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled;
  if (!owed_) {
    out_->stop();
    in_->stop();
    if (outcome == UsbOutcome::gone) return {fail(outcome, call)};
  }
  return {reason == Status::error_abort
              ? reason
              : call.fail(reason, label_ + ": no answer in time, not even to a stop request")};
}

std::optional<Bytes> NiPipe::control(const Request& request, Call& call) {
  const spi::UsbSetup setup{request.type, request.request, request.value, request.index};
  Bytes answer(request.length);
  const Deadline until = std::min(patience(call), Deadline::after(kControl));
  const auto end = usb_.control(setup, answer, call, until);
  if (end.outcome != UsbOutcome::done) return std::nullopt;
  answer.resize(std::min(end.count, answer.size()));
  return answer;
}

/// True if the reply that is owed came.
bool NiPipe::collect_owed(Call& call) {
  const Deadline until = patience(call);
  Call part(call, std::min(until, Deadline::after(kOwed)));
  send_stop(part);
  const auto [outcome, progress] = receive(part, part.deadline, nullptr);
  if (outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled) {
    if (part.cancelled() || until.expired()) return false;  // it stays owed
  }
  owed_ = false;
  out_->stop();
  in_->stop();
  if (progress != Progress::whole) return false;
  keep_late();
  in_step_ = true;
  return true;
}

void NiPipe::keep_late() {
  if (shape_ != Shape::data) return;
  Bytes data(wanted_);
  const auto taken = take_data(reply(), data);
  if (!taken || taken->count == 0) return;
  data.resize(taken->count);
  late_ended_ = (taken->status.state & kEnd) != 0;
  late_ = std::move(data);
}

Status NiPipe::settle(Call& call) {
  if (owed_ && collect_owed(call)) return Status::success;
  if (call.cancelled()) return Status::error_abort;
  if (owed_) return call.fail(Status::error_tmo, label_ + ": still busy with what was given up");
  return recover(call);
}

Status NiPipe::recover(Call& call) {
  owed_ = false;
  in_step_ = false;
  out_->stop();
  in_->stop();
  send_stop(call);
  bool over = false;
  for (const auto endpoint : {model_.bulk_out, model_.bulk_in}) {
    const UsbOutcome cleared = usb_.clear_halt(endpoint, call, patience(call));
    over = over || cleared == UsbOutcome::timed_out || cleared == UsbOutcome::cancelled;
  }
  if (!over && !usb_.gone() && drain(call)) {
    in_step_ = true;
    return Status::success;
  }
  if (usb_.gone()) return fail(UsbOutcome::gone, call);
  if (call.cancelled()) return Status::error_abort;
  if (over || call.deadline.expired()) {
    return call.fail(Status::error_tmo, label_ + ": not in step again within the timeout");
  }
  return call.fail(Status::error_io,
                   label_ + ": sends without end; unplug the adapter and plug it in anew");
}

/// Reads until there is nothing more. False if that did not come about.
bool NiPipe::drain(Call& call) {
  const Deadline until = patience(call);
  drained_.resize(kDrainSize);
  for (unsigned i = 0; i < kMostDrained; ++i) {
    in_->start(drained_, false);
    const auto silence = Deadline::after(kSilence);
    const auto end = in_->wait(call, std::min(until, silence));
    const auto stopped = in_->stop();
    if (end.outcome == UsbOutcome::timed_out && stopped.count == 0) {
      return !(until < silence);
    }
    if (end.outcome == UsbOutcome::stalled) usb_.clear_halt(model_.bulk_in, call, until);
    if (end.outcome == UsbOutcome::gone || end.outcome == UsbOutcome::cancelled) return false;
  }
  return false;
}

}  // namespace visa::drivers::gpib::ni_usb
