// SPDX-License-Identifier: MIT
// How the pipe of an 82357 gets in step: abort and flush, read until nothing comes, abort, read
// again. It goes on where it stopped, so that calls with short timeouts get there, too.
#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/gpib/agilent_usb/agilent_pipe.h"
#include "lib/base/log.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::gpib::agilent {
namespace {

using namespace std::chrono_literals;
using usb::UsbEnd;
using usb::UsbOutcome;

/// Nothing for that long: nothing more comes.
constexpr auto kQuiet = 50ms;
/// An adapter that goes on sending is not waited for.
constexpr unsigned kMostStale = 16;
/// A step is tried even where the time of the call is over.
constexpr auto kGrace = 20ms;
/// An adapter that is in order ends the halt of its interrupt endpoint far sooner.
constexpr auto kHaltPatience = 100ms;

Deadline least(const Call& call) {
  return std::max(call.deadline, Deadline::after(kGrace));
}

bool is_over(UsbOutcome outcome) noexcept {
  return outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled;
}

}  // namespace

Status AgilentPipe::start(Call& call) {
  if (!end_halts(call)) {
    return call.cancelled() ? Status::error_abort : fail(UsbOutcome::timed_out, "starting", call);
  }
  // A report that nobody reads would hold back all later ones.
  if (const UsbOutcome heard = listen(); heard != UsbOutcome::done) {
    return fail(heard, "listening", call);
  }
  // A predecessor that was killed may have left a read in progress, or a reply.
  abort(true, call);
  step_ = Step::drain_flushed;
  while (step_ == Step::drain_flushed) {
    if (const Status status = take_step(call); failed(status)) return status;
  }
  if (drained_ == 0) step_ = Step::none;
  const Status status = settle(call);
  mended_ = false;
  return status;
}

/// False: not within the deadline. An adapter that refuses the request had no halt.
bool AgilentPipe::end_halts(Call& call) {
  const Deadline until = least(call);
  return !is_over(usb_->clear_halt(endpoints_.out, call, until)) &&
         !is_over(usb_->clear_halt(endpoints_.in, call, until));
}

Status AgilentPipe::listen_again(Call& call) {
  const GatePass pass(gate_, call);
  if (ok(pass.status())) restart_reports(call);
  return pass.status();
}

/// Inside the gate: until listening has begun, nobody looks at the line.
void AgilentPipe::restart_reports(Call& call) {
  const auto why = reports_.restartable();
  if (!why) {
    if (!reports_.silent() || std::exchange(said_silent_, true)) return;
    return log::line(name_ +
                     ": its interrupt endpoint does not work; ends of writes and service requests "
                     "are asked for until it is opened anew");
  }
  UsbOutcome cleared = UsbOutcome::done;
  if (*why == UsbOutcome::stalled) {
    const Deadline until = std::min(least(call), Deadline::after(kHaltPatience));
    cleared = usb_->clear_halt(endpoints_.interrupt, call, until);
  }
  // From here on this thread cannot be ended by force.
  reports_.restart();
  UsbOutcome heard = *why;
  if (!is_over(cleared)) run_guarded([&] { heard = listen(); }, [](Thrown) {});  // no memory
  if (heard != UsbOutcome::done) reports_.interrupt(heard, {});
}

UsbOutcome AgilentPipe::listen() {
  return usb_->listen(endpoints_.interrupt, std::max<std::size_t>(endpoints_.interrupt_size, 1),
                      reports_);
}

Status AgilentPipe::unfinished(Call& call) {
  if (call.cancelled()) return Status::error_abort;
  return call.fail(Status::error_tmo,
                   name_ + ": the adapter is still being put in order after a failure; try again");
}

/// Drops replies until none has come for a while. error_tmo: the call is over before that.
Status AgilentPipe::drain(Call& call) {
  for (;;) {
    if (!quiet_) {
      in_->start(std::span(in_bytes_).first(kPiece), false);  // whole packets
      quiet_ = Deadline::after(kQuiet);
    }
    UsbEnd end = in_->wait(call, std::min(call.deadline, *quiet_));
    const bool running =
        end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled;
    if (running && !quiet_->expired()) {
      return unfinished(call);
    }
    if (running) end = in_->stop();
    quiet_.reset();
    if (end.outcome == UsbOutcome::gone) return fail(end.outcome, "draining", call);
    if (end.outcome == UsbOutcome::stalled &&
        is_over(usb_->clear_halt(endpoints_.in, call, least(call)))) {
      return unfinished(call);
    }
    const bool came = end.outcome == UsbOutcome::done || end.outcome == UsbOutcome::stalled;
    if (end.count == 0 && !came) return Status::success;
    if (++drained_ % kMostStale == 0) {
      return call.fail(Status::error_io,
                       name_ + ": the adapter does not stop sending; plug it in anew");
    }
  }
}

Status AgilentPipe::take_step(Call& call) {
  Status status = Status::success;
  switch (step_) {
    case Step::none:
      break;
    case Step::flush:
      if (!end_halts(call)) return unfinished(call);
      abort(true, call);
      drained_ = 0;
      step_ = Step::drain_flushed;
      break;
    case Step::drain_flushed:
      status = drain(call);
      if (ok(status)) step_ = Step::abort;
      break;
    case Step::abort:
      abort(false, call);
      step_ = Step::drain_aborted;
      break;
    case Step::drain_aborted:
      status = drain(call);
      if (ok(status)) mended_ = true;
      if (ok(status)) step_ = Step::none;
      break;
  }
  return status;
}

/// A read that was aborted ends within a moment, with what the adapter had collected.
Status AgilentPipe::settle_late(Call& call) {
  UsbEnd end = in_->wait(call, std::min(call.deadline, late_->until), out_.get());
  const bool running = end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled;
  if (running && !late_->until.expired()) {
    return unfinished(call);
  }
  const std::size_t wanted = std::exchange(late_, std::nullopt)->wanted;
  if (end.outcome != UsbOutcome::done) end = in_->stop();
  if (out_->stop().outcome != UsbOutcome::done || end.outcome != UsbOutcome::done) {
    step_ = Step::flush;
  }
  const auto bytes = std::span(in_bytes_).first(end.count);
  const ReceiveReply reply = end.outcome == UsbOutcome::done ? parse_received(bytes, wanted)
                                                             : parse_cut_off(bytes, wanted);
  if (reply.fits && !bytes.empty())
    late_data_ = LateData{{reply.data.begin(), reply.data.end()}, reply.end};
  if (!reply.fits) step_ = Step::flush;
  return Status::success;
}

Status AgilentPipe::settle(Call& call) {
  const GatePass pass(gate_, call);
  Status status = pass.status();
  if (ok(status)) restart_reports(call);
  if (ok(status) && late_) status = settle_late(call);
  while (ok(status) && step_ != Step::none) {
    if (usb_->gone()) return fail(UsbOutcome::gone, "putting it in order", call);
    status = take_step(call);
  }
  return status;
}

std::optional<AgilentPipe::LateData> AgilentPipe::take_late() noexcept {
  return std::exchange(late_data_, std::nullopt);
}

bool AgilentPipe::take_mended() noexcept {
  return std::exchange(mended_, false);
}

}  // namespace visa::drivers::gpib::agilent
