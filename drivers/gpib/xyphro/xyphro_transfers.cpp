// SPDX-License-Identifier: MIT
// Messages, answers and aborts. The first packet of an answer tells how long it is, and exactly the
// rest is received then: nobody knows for certain whether a packet without data follows an answer
// that fills its packets, so one is neither waited for nor taken for an answer.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "drivers/gpib/xyphro/xyphro_controller.h"
#include "drivers/libusb/usb_error.h"

namespace visa::drivers::gpib::xyphro {
namespace {

using namespace std::chrono_literals;
using usb::UsbEnd;
using usb::UsbOutcome;

/// For what has to be done although the time of the call is over.
constexpr auto kGrace = 20ms;
/// The adapter answers a control request far sooner.
constexpr auto kControl = 500ms;
/// Nothing for that long: nothing more comes.
constexpr auto kQuiet = 50ms;
/// For ending the halt of an endpoint, also where a call has no time left.
constexpr auto kLeastHalt = 20ms;
constexpr auto kMostHalt = 200ms;
/// Packets in which the head of an answer may come.
constexpr unsigned kMostParts = 8;

bool is_running(const UsbEnd& end) noexcept {
  return end.outcome == UsbOutcome::timed_out || end.outcome == UsbOutcome::cancelled;
}

Deadline least(const Call& call) {
  return std::max(call.deadline, Deadline::after(kGrace));
}

/// Where a transfer ends that has to be tried even if it may not wait.
Deadline until(const Call& call) {
  return call.deadline.is_immediate() ? least(call) : call.deadline;
}

}  // namespace

Status XyphroController::fail(UsbOutcome outcome, std::string_view doing, Call& call) {
  if (outcome != UsbOutcome::stalled) return usb::fail(outcome, name_, doing, call);
  return call.fail(Status::error_io,
                   name_ + ", " + std::string(doing) +
                       ": the adapter refuses the transfer; plug it in anew if that happens again");
}

Status XyphroController::ask(const spi::UsbSetup& setup, std::span<std::byte> answer, Call& call) {
  const Deadline until = std::min(least(call), Deadline::after(kControl));
  const UsbEnd end = usb_->control(setup, answer, call, until);
  if (end.outcome == UsbOutcome::timed_out) {
    return call.fail(Status::error_tmo, name_ +
                                            ": the adapter does not answer; plug it in anew if "
                                            "that happens again");
  }
  if (end.outcome != UsbOutcome::done) return fail(end.outcome, "setting its lines", call);
  if (end.count == answer.size() && answer[0] == std::byte{1}) return Status::success;
  return call.fail(Status::error_io, name_ + ": the adapter refuses to set or read its lines");
}

Status XyphroController::tell(const spi::UsbSetup& setup, Call& call) {
  std::array<std::byte, 1> answer{};
  return ask(setup, answer, call);
}

/// A transfer did not end in time, was cancelled or failed.
Status XyphroController::give_up(UsbOutcome outcome, const spi::UsbSetup& abort,
                                 usb::UsbTransfer& transfer, Call& call) {
  atn_.reset();
  if (outcome == UsbOutcome::timed_out || outcome == UsbOutcome::cancelled) {
    std::array<std::byte, 2> answer{};
    const Call grace(Deadline::after(kGrace));
    usb_->control(abort, answer, grace, grace.deadline);
    transfer.wait(grace, grace.deadline);
  }
  transfer.stop();
  if (outcome == UsbOutcome::timed_out) return Status::error_tmo;
  return fail(outcome, "a transfer", call);
}

spi::WriteResult XyphroController::transmit(std::span<const std::byte> data, bool end, Call& call) {
  spi::WriteResult result;
  const bool before = std::exchange(in_order_, false);
  while (ok(result.status) && result.count < data.size()) {
    const auto rest = data.subspan(result.count);
    const auto piece = rest.first(std::min(rest.size(), kPiece));
    make_message(tag_.next(), piece, end && piece.size() == rest.size(), out_bytes_);
    out_->start(out_bytes_, false);
    const UsbEnd sent = out_->wait(call, until(call));
    if (sent.outcome == UsbOutcome::done) {
      result.count += piece.size();
    } else {
      result.status = give_up(sent.outcome, abort_out(endpoints_.out, tag_.last()), *out_, call);
    }
  }
  in_order_ = before && ok(result.status);
  return result;
}

/// The head of an answer and what comes with it. An empty packet before it is left over.
UsbEnd XyphroController::next_packet(Call& call) {
  std::size_t have = 0;
  UsbEnd end;
  for (unsigned parts = 0; parts < kMostParts && have < kHeaderSize; ++parts) {
    if (parts > 0) in_->start(std::span(in_bytes_).subspan(have, endpoints_.packet), false);
    end = in_->wait(call, until(call), out_.get());
    if (end.outcome != UsbOutcome::done) break;
    have += end.count;
  }
  end.count = have;
  return end;
}

/// After the first packet, of which `have` bytes are data: until `size` are there.
Status XyphroController::receive_rest(std::size_t size, std::size_t& have, Call& call) {
  while (have < size) {
    const std::size_t packet = endpoints_.packet;
    const std::size_t room = (size - have + packet - 1) / packet * packet;
    const auto place = std::span(in_bytes_).subspan(kHeaderSize + have, room);
    in_->start(place, false);
    UsbEnd end = in_->wait(call, until(call));
    const bool over = end.outcome != UsbOutcome::done;
    Status status = Status::success;
    if (over) status = give_up(end.outcome, abort_in(endpoints_.in, tag_.last()), *in_, call);
    if (over) end = in_->stop();
    have += std::min(end.count, size - have);
    if (over) return status;
    if (end.count == 0) {
      return call.fail(Status::error_io, name_ + ": the adapter cut an answer off");
    }
  }
  return Status::success;
}

/// EOI and the termination character come with a byte: an answer that says one of them and has no
/// data is none. Whether the character is there the data says.
spi::ReadResult XyphroController::take_answer(std::span<std::byte> into,
                                              std::optional<std::uint8_t> termchar, Call& call) {
  spi::ReadResult result;
  const bool before = std::exchange(in_order_, false);
  const std::size_t wanted = std::min(into.size(), kPiece);
  make_request(tag_.next(), static_cast<std::uint32_t>(wanted), termchar, out_bytes_);
  in_->start(std::span(in_bytes_).first(endpoints_.packet), false);
  out_->start(out_bytes_, true);
  const UsbEnd end = next_packet(call);
  if (end.outcome != UsbOutcome::done) {
    result.status = give_up(end.outcome, abort_in(endpoints_.in, tag_.last()), *in_, call);
    out_->stop();
    return result;
  }
  const bool sent = out_->stop().outcome == UsbOutcome::done;
  const auto head = parse_head(std::span(in_bytes_).first(end.count), tag_.last(), wanted);
  if (!sent || !head) {
    result.status =
        call.fail(Status::error_io, name_ +
                                        ": an answer does not belong to its request; the next "
                                        "operation puts the adapter in order again");
    return result;
  }
  std::size_t have = std::min<std::size_t>(end.count - kHeaderSize, head->size);
  result.status = receive_rest(head->size, have, call);
  const auto data = std::span(in_bytes_).subspan(kHeaderSize, have);
  std::copy(data.begin(), data.end(), into.begin());
  result.count = have;
  if (head->size == 0) {
    result.status = call.fail(Status::error_io, name_ + ": the adapter sent an empty answer");
  }
  if (failed(result.status)) return result;
  if (termchar && data.back() == static_cast<std::byte>(*termchar)) {
    result.reason = spi::StopReason::termchar;
  }
  if (head->end) result.reason = spi::StopReason::end;
  in_order_ = before;
  return result;
}

Status XyphroController::still_mending(Call& call) {
  return call.fail(Status::error_tmo,
                   name_ + ": the adapter is still being put in order after a failure; try again");
}

/// Drops what comes until nothing does, and clears the bus. error_tmo: the call is over before
/// that; the next one goes on.
Status XyphroController::mend(Call& call) {
  for (unsigned dropped = 0; dropped < 16; ++dropped) {
    if (!quiet_) {
      out_->stop();
      in_->stop();
      for (const auto endpoint : {endpoints_.out, endpoints_.in}) {
        const auto least = std::max(call.deadline, Deadline::after(kLeastHalt));
        const auto until = std::min(least, Deadline::after(kMostHalt));
        const auto outcome = usb_->clear_halt(endpoint, call, until);
        if (outcome == UsbOutcome::cancelled) return Status::error_abort;
        if (outcome == UsbOutcome::timed_out) return still_mending(call);
      }
      in_->start(std::span(in_bytes_).first(endpoints_.packet), false);
      quiet_ = Deadline::after(kQuiet);
    }
    UsbEnd end = in_->wait(call, std::min(call.deadline, *quiet_));
    if (is_running(end) && !quiet_->expired()) {
      return call.cancelled() ? Status::error_abort : still_mending(call);
    }
    if (is_running(end)) end = in_->stop();
    quiet_.reset();
    if (end.outcome == UsbOutcome::gone) return fail(end.outcome, "putting it in order", call);
    if (end.outcome == UsbOutcome::done) continue;
    in_order_ = true;
    return send_ifc(call);  // in_order_ is false again where that fails
  }
  return call.fail(Status::error_io,
                   name_ + ": the adapter does not stop sending; plug it in anew");
}

}  // namespace visa::drivers::gpib::xyphro
