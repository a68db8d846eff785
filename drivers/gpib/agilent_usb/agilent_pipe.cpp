// SPDX-License-Identifier: MIT
// Invariant: while step_ is none and late_ is empty, no transfer is running between two calls, and
// the next reply belongs to the next request. That holds also after a thread was ended by force.
#include "drivers/gpib/agilent_usb/agilent_pipe.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::gpib::agilent {
namespace {

using namespace std::chrono_literals;
using usb::UsbEnd;
using usb::UsbOutcome;

/// For what has to be done although the time of the call is over: the adapter answers far sooner.
constexpr auto kGrace = 20ms;
/// A reply about registers that has not come by then is lost.
constexpr auto kReplyPatience = 500ms;
/// For the next part of a reply that came in parts.
constexpr auto kPartPatience = 50ms;
constexpr unsigned kMostParts = 64;
/// After that long without a report the adapter is asked whether a write is over: a report may be
/// lost.
constexpr auto kReportPatience = 250ms;
/// Between two questions where it does not report at all.
constexpr auto kAskAgain = 10ms;
/// The adapter answers that question when the write is over.
constexpr auto kStatusPatience = 100ms;
/// For the rest of a read that was aborted.
constexpr auto kLatePatience = 100ms;

/// For a reply about registers: a packet, so that a stale reply is no overflow.
constexpr std::size_t kRoom = 512;

Deadline least(const Call& call) {
  return std::max(call.deadline, Deadline::after(kGrace));
}

bool is_running(const UsbEnd& end) noexcept {
  return end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled;
}

}  // namespace

template <class Run>
auto AgilentPipe::unless_broken_off(Run&& run) {
  struct Guard {  // forced unwinding is no exception, but runs destructors
    AgilentPipe& pipe;
    bool over = false;
    explicit Guard(AgilentPipe& of) : pipe(of) {}
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() {
      if (over) return;
      pipe.out_->stop();
      pipe.in_->stop();
      pipe.step_ = Step::flush;
    }
  } guard(*this);
  auto result = run();
  guard.over = true;
  return result;
}

AgilentPipe::AgilentPipe(std::unique_ptr<usb::UsbInterface> usb, const Endpoints& endpoints,
                         std::string name)
    : usb_(std::move(usb)),
      endpoints_(endpoints),
      name_(std::move(name)),
      in_bytes_(kPiece + 1),
      out_(usb_->transfer(endpoints.out)),
      in_(usb_->transfer(endpoints.in)) {}

AgilentPipe::~AgilentPipe() {
  close();
}

void AgilentPipe::close() noexcept {
  out_.reset();
  in_.reset();
  usb_->close();
}

void AgilentPipe::wake() noexcept {
  gate_.wake();
  usb_->wake();
  reports_.wake();
}

void AgilentPipe::pause(const Call& call, std::chrono::milliseconds time) {
  usb_->pause(call, Deadline::after(time));
}

Status AgilentPipe::fail(UsbOutcome outcome, std::string_view doing, Call& call) {
  if (outcome != UsbOutcome::timed_out && outcome != UsbOutcome::stalled) {
    return usb::fail(outcome, name_, doing, call);
  }
  const bool stalled = outcome == UsbOutcome::stalled;
  return call.fail(stalled ? Status::error_io : Status::error_tmo,
                   name_ + ", " + std::string(doing) +
                       (stalled ? ": the adapter refuses the transfer; plug it in anew if that "
                                  "happens again"
                                : ": the adapter does not answer; plug it in anew if that "
                                  "happens again"));
}

Status AgilentPipe::out_of_step(Call& call) {
  return call.fail(Status::error_io,
                   name_ +
                       ": the adapter did not answer before; the next operation puts it in "
                       "order again");
}

/// out_bytes_, and the reply of at most `room` bytes to in_bytes_. A reply is waited for a little
/// longer than the call lasts, but not for ever: it may be lost.
UsbEnd AgilentPipe::pair(std::size_t room, Call& call) {
  in_->start(std::span(in_bytes_).first(room), false);
  out_->start(out_bytes_, true);
  const Deadline until = std::min(call.deadline, Deadline::after(kReplyPatience));
  UsbEnd end = in_->wait(call, until, out_.get());
  if (is_running(end)) {
    const Call grace(Deadline::after(kGrace));
    end = in_->wait(grace, grace.deadline, out_.get());
    if (is_running(end) && call.cancelled()) end.outcome = UsbOutcome::cancelled;
  }
  return end;
}

/// Appends the next part of a reply, which may be empty, to the `have` bytes of it. False: none
/// came.
bool AgilentPipe::append_part(std::size_t& have, std::size_t room, Call& call) {
  if (have >= room) return false;
  in_->start(std::span(in_bytes_).subspan(have, room - have), false);
  const Deadline until = std::min(least(call), Deadline::after(kPartPatience));
  UsbEnd end = in_->wait(call, until);
  if (is_running(end)) end = in_->stop();
  have += end.count;
  return end.outcome == UsbOutcome::done || end.count > 0;
}

/// For `values` registers, or for writing some.
Status AgilentPipe::exchange(std::size_t values, std::size_t& count, Call& call) {
  return unless_broken_off([&] { return exchange_now(values, count, call); });
}

Status AgilentPipe::exchange_now(std::size_t values, std::size_t& count, Call& call) {
  UsbEnd end = pair(kRoom, call);
  unsigned parts = 1;
  while (end.outcome == UsbOutcome::done &&
         is_part_of_registers(std::span(in_bytes_).first(end.count), values)) {
    if (++parts > kMostParts || !append_part(end.count, kRoom, call)) break;
  }
  if (end.outcome == UsbOutcome::done) {
    // Before its request has gone out a reply is none.
    if (out_->stop().outcome == UsbOutcome::done) {
      count = end.count;
      return Status::success;
    }
  }
  in_->stop();
  out_->stop();
  step_ = Step::flush;
  if (end.outcome == UsbOutcome::done) return out_of_step(call);
  return fail(end.outcome, "asking for its registers", call);
}

Status AgilentPipe::write(std::span<const RegisterWrite> writes, Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  if (!in_step()) return out_of_step(call);
  write_registers(writes, out_bytes_);
  std::size_t count = 0;
  if (const Status status = exchange(0, count, call); failed(status)) return status;
  const RegisterReply reply = parse_written(std::span(in_bytes_).first(count));
  if (!reply.fits) step_ = Step::flush;
  if (!reply.fits) return out_of_step(call);
  if (reply.error == 0) return Status::success;
  return call.fail(Status::error_io, name_ + ": the adapter refuses to set its registers: " +
                                         std::string(error_text(reply.error)));
}

Status AgilentPipe::read(std::span<const std::uint8_t> addresses, std::span<std::uint8_t> values,
                         Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return pass.status();
  if (!in_step()) return out_of_step(call);
  read_registers(addresses, out_bytes_);
  std::size_t count = 0;
  if (const Status status = exchange(addresses.size(), count, call); failed(status)) return status;
  const RegisterReply reply = parse_registers(std::span(in_bytes_).first(count), addresses.size());
  if (!reply.fits) step_ = Step::flush;
  if (!reply.fits) return out_of_step(call);
  if (reply.error != 0) {
    return call.fail(Status::error_io, name_ + ": the adapter refuses to read its registers: " +
                                           std::string(error_text(reply.error)));
  }
  for (std::size_t i = 0; i < values.size() && i < reply.values.size(); ++i) {
    values[i] = static_cast<std::uint8_t>(reply.values[i]);
  }
  return Status::success;
}

UsbEnd AgilentPipe::abort(bool flush, Call& call) {
  std::array<std::byte, kAbortSize> answer{};
  const Call grace(call.cancelled() ? Deadline::after(kGrace) : least(call));
  return usb_->control(abort_request(flush), answer, grace,
                       std::min(grace.deadline, Deadline::after(kStatusPatience)));
}

/// The adapter answers when the write is over, and with a count below `size` while it is not.
bool AgilentPipe::has_sent(std::uint32_t size, Deadline until, const Call& call) {
  std::array<std::byte, kStatusSize> answer{};
  const Deadline limit = std::min(until, Deadline::after(kStatusPatience));
  const UsbEnd end = usb_->control(status_request(), answer, call, limit);
  if (end.outcome != UsbOutcome::done) return false;
  return parse_status(std::span(answer).first(std::min(end.count, answer.size())), size) == size;
}

spi::WriteResult AgilentPipe::give_up_sending(Status status, Call& call) {
  const UsbEnd aborted = abort(false, call);
  if (aborted.outcome == UsbOutcome::gone) return {fail(aborted.outcome, "aborting", call), 0};
  // A message that was cut off leaves the adapter in the middle of it.
  if (out_->stop().outcome != UsbOutcome::done || aborted.outcome != UsbOutcome::done) {
    step_ = Step::flush;
  }
  return {status, 0};
}

spi::WriteResult AgilentPipe::send(std::span<const std::byte> data, std::uint8_t flags,
                                   Call& call) {
  const GatePass pass(gate_, call);
  if (failed(pass.status())) return {pass.status(), 0};
  if (!in_step()) return {out_of_step(call), 0};
  return unless_broken_off([&] { return send_now(data, flags, call); });
}

/// Of the transfer that carries a message. Where the adapter reports, its report comes after that
/// end, which is there then.
UsbEnd AgilentPipe::end_of_request(bool heard, Deadline until, Call& call) {
  if (heard) return out_->wait(call, Deadline::immediate());
  return out_->wait(call, std::min(until, Deadline::after(kAskAgain)));
}

spi::WriteResult AgilentPipe::send_now(std::span<const std::byte> data, std::uint8_t flags,
                                       Call& call) {
  const auto size = static_cast<std::uint32_t>(data.size());
  send_header(flags, size, out_bytes_);
  out_bytes_.insert(out_bytes_.end(), data.begin(), data.end());
  reports_.expect_sent();
  // The report comes after the end of this transfer, so only a failure of it is worth waking for.
  out_->start(out_bytes_, !reports_.silent());
  const Deadline until = call.deadline.is_immediate() ? least(call) : call.deadline;
  for (;;) {
    const auto told = reports_.wait_sent(call, std::min(until, Deadline::after(kReportPatience)));
    const bool over = told != UsbOutcome::done && until.expired();
    if (told == UsbOutcome::gone || usb_->gone()) {
      return {fail(UsbOutcome::gone, "writing", call), 0};
    }
    if (told == UsbOutcome::cancelled) return give_up_sending(Status::error_abort, call);
    const bool heard = told != UsbOutcome::stopped;
    const UsbEnd out = end_of_request(heard, until, call);
    if (out.outcome == UsbOutcome::done) {
      if (has_sent(size, over ? least(call) : until, call)) return {Status::success, data.size()};
      if (!heard) usb_->pause(call, std::min(until, Deadline::after(kAskAgain)));
    } else if (!is_running(out)) {
      step_ = Step::flush;
      return {fail(out.outcome, "writing", call), 0};
    }
    if (over) return give_up_sending(Status::error_tmo, call);
  }
}

/// The read of the adapter is over: by the abort, or a moment before it.
UsbEnd AgilentPipe::end_of_aborted_read(std::size_t wanted, Call& call) {
  const Call grace(Deadline::after(kGrace));
  const UsbEnd aborted = abort(true, call);
  UsbEnd end = in_->wait(grace, grace.deadline, out_.get());
  if (is_running(end) && aborted.outcome == UsbOutcome::done) {
    late_ = Late{wanted, Deadline::after(kLatePatience)};
  } else if (end.outcome != UsbOutcome::done) {
    end = in_->stop();
    step_ = Step::flush;
  }
  return end;
}

AgilentPipe::Received AgilentPipe::receive(std::span<std::byte> into,
                                           std::optional<std::uint8_t> termchar, Call& call) {
  Received received;
  const GatePass pass(gate_, call);
  received.status = failed(pass.status()) ? pass.status() : Status::success;
  if (ok(received.status) && !in_step()) received.status = out_of_step(call);
  if (failed(received.status)) return received;
  return unless_broken_off([&] { return receive_now(into, termchar, call); });
}

AgilentPipe::Received AgilentPipe::receive_now(std::span<std::byte> into,
                                               std::optional<std::uint8_t> termchar, Call& call) {
  Received received;
  const std::size_t wanted = std::min(into.size(), kPiece);
  receive_request(static_cast<std::uint32_t>(wanted), termchar, out_bytes_);
  in_->start(std::span(in_bytes_).first(wanted + 1), false);
  out_->start(out_bytes_, true);
  const Deadline until = call.deadline.is_immediate() ? least(call) : call.deadline;
  UsbEnd end = in_->wait(call, until, out_.get());
  if (is_running(end)) {
    received.status =
        end.outcome == UsbOutcome::cancelled ? Status::error_abort : Status::error_tmo;
    end = end_of_aborted_read(wanted, call);
    if (is_running(end)) return received;
    if (end.outcome == UsbOutcome::gone) received.status = fail(end.outcome, "reading", call);
  } else if (end.outcome != UsbOutcome::done) {
    in_->stop();
    step_ = Step::flush;
    received.status = fail(end.outcome, "reading", call);
  }
  unsigned parts = 1;
  while (end.outcome == UsbOutcome::done &&
         is_part_of_read(std::span(in_bytes_).first(end.count), wanted, termchar.has_value())) {
    if (++parts > kMostParts || !append_part(end.count, wanted + 1, call)) break;
  }
  if (out_->stop().outcome != UsbOutcome::done) step_ = Step::flush;
  const auto bytes = std::span(in_bytes_).first(end.count);
  const ReceiveReply reply = end.outcome == UsbOutcome::done ? parse_received(bytes, wanted)
                                                             : parse_cut_off(bytes, wanted);
  if (!reply.fits) {
    step_ = Step::flush;
    if (ok(received.status)) received.status = out_of_step(call);
    return received;
  }
  received.count = reply.data.size();
  received.end = reply.end;
  std::copy(reply.data.begin(), reply.data.end(), into.begin());
  return received;
}

}  // namespace visa::drivers::gpib::agilent
