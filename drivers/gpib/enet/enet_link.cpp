// SPDX-License-Identifier: MIT
// One request and one reply each. The box keeps its own time: a read carries milliseconds, other
// operations NI's coarse codes, rounded up; the deadline is kept here.
#include "drivers/gpib/enet/enet_link.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "drivers/gpib/enet/enet_error.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::gpib::enet {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// How much later than its own timeout the box may answer.
constexpr auto kGrace = 50ms;
/// The longest time that one request asks for; a longer wait is several of them.
constexpr milliseconds kMostRead = 3600000ms;
/// For what an earlier answer has left, and the most bytes of it at a time.
constexpr auto kMostSettling = 500ms;
constexpr std::size_t kMostSettled = std::size_t{1} << 20;
/// The box starts with this timeout.
constexpr milliseconds kFirstTime = 3000ms;
/// So long a device may take to answer a poll during a search: 30 addresses in less than 0.5 s.
constexpr milliseconds kProbe = 10ms;

/// viOpen has no status for a lost connection, an I/O error and what happens on a bus.
Status open_status(Status status) noexcept {
  constexpr Status kForeign[] = {Status::error_conn_lost, Status::error_io, Status::error_ncic,
                                 Status::error_nsys_cntlr, Status::error_nlisteners};
  const bool foreign =
      std::find(std::begin(kForeign), std::end(kForeign), status) != std::end(kForeign);
  return foreign ? Status::error_rsrc_nfound : status;
}

/// The box's part of a call that has the grace already.
milliseconds left(const Call& call) {
  if (call.deadline.is_infinite()) return kMostRead;
  const auto time = std::chrono::ceil<milliseconds>(call.deadline.remaining()) - kGrace;
  return std::clamp<milliseconds>(time, 0ms, kMostRead);
}

Deadline with_grace(const Call& call) {
  if (call.deadline.is_infinite()) return call.deadline;
  return Deadline::after(std::chrono::ceil<milliseconds>(call.deadline.remaining()) + kGrace);
}

}  // namespace

Result<std::unique_ptr<EnetLink>> EnetLink::open(const EnetTarget& target, const Address& device,
                                                 Call& call) {
  std::unique_ptr<EnetLink> link(new EnetLink(target, device));
  Status status = link->join(link->main_, kMainPort, call);
  if (ok(status)) status = link->join(link->companion_, kCompanionPort, call);
  if (ok(status)) status = link->start(call);
  if (ok(status)) return link;
  Call closing(Deadline::immediate());
  link->stale_ = true;
  link->close(closing);
  return open_status(status);
}

/// Connects one of the box's ports; does nothing where that is done.
Status EnetLink::join(std::unique_ptr<EnetWire>& wire, std::uint16_t port, Call& call) {
  if (wire != nullptr) return Status::success;
  auto made = EnetWire::connect(target_.host, target_.other(port), call);
  if (!made) return made.status();
  const MutexLock lock(wires_);
  wire = *std::move(made);
  return Status::success;
}

Status EnetLink::start(Call& call) {
  code_ = timeout_code(kFirstTime);
  Status status = request(*companion_, companion(main_->own_end()), call);
  for (const Frame& frame : {set_address(device_, code_), set_mode(), set_flags(code_),
                             set_online(), set_queue(), set_bracket(true), no_notices()}) {
    if (failed(status)) return status;
    status = request(*main_, frame, call);
  }
  return status;
}

Status EnetLink::request(EnetWire& wire, const Frame& frame, Call& call) {
  const auto status = wire.exchange(frame, call);
  if (!status) return watch_status(status.status(), call);
  return outcome(*status, wire.name(), call);
}

/// A failure of the connection, and not of the box: the reply is missing.
Status EnetLink::watch_status(Status status, Call& call) {
  stale_ = stale_ || failed(status);
  if (status != Status::error_tmo) return status;
  return call.fail(status, main_->name() + ": the box does not answer in time");
}

/// The same beside the main connection, which a failure does not concern.
Result<EnetStatus> EnetLink::side_exchange(std::unique_ptr<EnetWire>& wire, const Frame& frame,
                                           Call& call) {
  auto status = wire->exchange(frame, call);
  if (status) return status;
  if (status.status() == Status::error_tmo) {
    call.fail(status.status(), wire->name() + ": the box does not answer in time");
  }
  leave(wire);
  return status;
}

Status EnetLink::side_request(std::unique_ptr<EnetWire>& wire, const Frame& frame, Call& call) {
  const std::string name = wire->name();
  const auto status = side_exchange(wire, frame, call);
  return status ? outcome(*status, name, call) : status.status();
}

void EnetLink::leave(std::unique_ptr<EnetWire>& wire) noexcept {
  std::unique_ptr<EnetWire> left;
  {
    const MutexLock lock(wires_);
    left = std::move(wire);
  }
  if (left != nullptr) left->close();
}

void EnetLink::close(Call& call) noexcept {
  const CancelShield shield;
  if (main_ != nullptr && !stale_ && !reading_) request(*main_, set_bracket(false), call);
  for (auto* wire : {&main_, &companion_, &wait_, &control_}) {
    if (*wire != nullptr) (*wire)->close();
  }
}

void EnetLink::wake() noexcept {
  const MutexLock lock(wires_);
  for (auto* wire : {&main_, &companion_, &wait_, &control_}) {
    if (*wire != nullptr) (*wire)->wake();
  }
}

/// Takes what an earlier answer has left out of the connection. What is kept may need several
/// operations; what is dropped and does not end makes the link stale.
Status EnetLink::settle(Rest rest, Call& call) {
  const bool keeps = rest == Rest::keep;
  if (!keeps) kept_.drop(device_);
  if (!reading_) return Status::success;
  Call part(call, std::min(with_grace(call), Deadline::after(kMostSettling)));
  std::array<std::byte, 4096> piece;
  Status status = Status::success;
  for (std::size_t count = 0; ok(status) && !reading_->done();) {
    std::span<std::byte> room(piece);
    status = main_->receive(*reading_, room, std::nullopt, part);
    const std::size_t came = piece.size() - room.size();
    if (came > 0) after_mark_ = false;
    if (keeps) kept_.add(device_, std::span(piece).first(came));
    count += came;
    if (ok(status) && !reading_->done() && count >= kMostSettled) {
      status = keeps ? Status::error_tmo : Status::error_io;
    }
  }
  if (failed(status)) {
    stale_ = !keeps || (status != Status::error_tmo && status != Status::error_abort);
    if (status == Status::error_abort || status == Status::error_conn_lost) return status;
    return call.fail(status, main_->name() + ": the rest of an earlier answer has not come yet" +
                                 (keeps ? "; read it, or clear the device" : "; try again"));
  }
  // An END that comes alone after the termination character is that of the answer before.
  if (keeps && !after_mark_ && !reading_->status().failed()) kept_.end(device_);
  after_mark_ = false;
  reading_.reset();
  return Status::success;
}

/// Before a request other than a read: nothing is on its way, and the box has the time.
Status EnetLink::prepare(Rest rest, Call& call) {
  if (const Status status = settle(rest, call); failed(status)) return status;
  const std::uint8_t code = timeout_code(left(call));
  if (code == code_) return Status::success;
  const Status status = request(*main_, set_timeout(code), call);
  if (ok(status)) code_ = code;
  return status;
}

Status EnetLink::command(const Frame& frame, Rest rest, Call& call) {
  Call part(call, with_grace(call));
  Status status = prepare(rest, part);
  if (ok(status)) status = request(*main_, frame, part);
  call.detail = std::move(part.detail);
  return status;
}

spi::WriteResult EnetLink::write(std::span<const std::byte> data, Call& call) {
  spi::WriteResult result;
  if (data.empty()) return result;
  Call part(call, with_grace(call));
  result.status = prepare(Rest::drop, part);
  ReplyReader reply(ReplyKind::status);
  std::span<std::byte> nothing;
  if (ok(result.status)) {
    result.status = main_->send(enet::write(static_cast<std::uint32_t>(data.size())), data, part);
    if (ok(result.status)) result.status = main_->receive(reply, nothing, std::nullopt, part);
    result.status = watch_status(result.status, part);
  }
  if (ok(result.status)) {
    result.status = outcome(reply.status(), main_->name(), part);
    result.count = std::min<std::size_t>(reply.status().count, data.size());
  }
  call.detail = std::move(part.detail);
  return result;
}

/// The rest of a reply, or a new request and its reply. success with `reason` count: the reply is
/// over, or `into` is full.
Status EnetLink::read_on(std::span<std::byte>& into, const spi::EndRule& rule,
                         spi::StopReason& reason, Call& call) {
  const auto termchar =
      rule.termchar_enabled ? std::optional<std::uint8_t>(rule.termchar) : std::nullopt;
  const std::size_t room = into.size();
  const bool after_mark = std::exchange(after_mark_, false);
  Status status = Status::success;
  if (!reading_) {
    status = main_->send(enet::read(left(call)), {}, call);
    if (ok(status)) reading_.emplace(ReplyKind::read);
  }
  if (ok(status)) status = main_->receive(*reading_, into, termchar, call);
  status = watch_status(status, call);
  if (failed(status)) return status;
  const bool marked = reading_->marked();
  // END counts before the termination character (6.1.1), if it has come with it.
  if (marked) main_->receive_end(*reading_, call);
  if (!reading_->done()) {
    after_mark_ = marked;
    if (marked) reason = spi::StopReason::termchar;
    return status;
  }
  const EnetStatus end = reading_->status();
  reading_.reset();
  // An END that comes alone after the termination character is that of the answer before.
  if (after_mark && into.size() == room && !end.failed()) return status;
  status = outcome(end, main_->name(), call);
  if (marked) reason = spi::StopReason::termchar;
  if (ok(status)) reason = spi::StopReason::end;
  return marked ? Status::success : status;
}

spi::ReadResult EnetLink::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  spi::ReadResult result;
  if (kept_.deliver(device_, into, rule, result, call)) {
    after_mark_ = reading_.has_value() && result.reason == spi::StopReason::termchar;
    return result;
  }
  std::span<std::byte> rest = into.subspan(result.count);
  while (!rest.empty()) {
    Call part(call, with_grace(call));
    result.status = read_on(rest, rule, result.reason, part);
    call.detail = std::move(part.detail);
    result.count = into.size() - rest.size();
    // The box has waited as long as one request may; the caller waits on.
    const bool waits_on = result.status == Status::error_tmo && !stale_ && !call.cancelled() &&
                          !call.deadline.expired();
    if (waits_on) continue;
    if (failed(result.status) || result.reason != spi::StopReason::count) break;
  }
  return result;
}

Status EnetLink::poll(ReplyReader& reply, Call& call) {
  std::span<std::byte> nothing;
  Status status = main_->send(enet::serial_poll(), {}, call);
  if (ok(status)) status = main_->receive(reply, nothing, std::nullopt, call);
  return watch_status(status, call);
}

Result<std::uint8_t> EnetLink::serial_poll(Call& call) {
  Call part(call, with_grace(call));
  Status status = prepare(Rest::keep, part);
  ReplyReader reply(ReplyKind::poll);
  if (ok(status)) status = poll(reply, part);
  if (ok(status)) status = outcome(reply.status(), main_->name(), part);
  call.detail = std::move(part.detail);
  if (failed(status)) return status;
  return reply.status_byte();
}

Result<bool> EnetLink::answers_at(const Address& device, Call& call) {
  Status status = request(*main_, set_address(device, timeout_code(kProbe)), call);
  ReplyReader reply(ReplyKind::poll);
  if (ok(status)) status = poll(reply, call);
  if (ok(status) && is_absence(reply.status())) return false;
  if (ok(status)) status = outcome(reply.status(), main_->name(), call);
  if (failed(status)) return status;
  return true;
}

Status EnetLink::clear_interface(Call& call) {
  Status status = join(control_, kControlPort, call);
  if (ok(status)) status = side_request(control_, interface_clear(main_->own_end()), call);
  return status;
}

Result<std::uint16_t> EnetLink::bus_state(std::uint16_t mask, Call& call) {
  if (wait_ == nullptr) {
    Status status = join(wait_, kWaitPort, call);
    if (ok(status)) status = side_request(wait_, watch(main_->own_end()), call);
    if (ok(status)) status = side_request(wait_, set_online(), call);
    if (failed(status)) {
      leave(wait_);
      return status;
    }
  }
  const auto status = side_exchange(wait_, ask_state(mask), call);
  if (!status) return status.status();
  return status->state;
}

}  // namespace visa::drivers::gpib::enet
