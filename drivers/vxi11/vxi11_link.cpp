// SPDX-License-Identifier: MIT
// One RPC call of a link, from sending to the checked reply. vxi11_recovery.cpp handles calls whose
// reply does not come in time.
#include "drivers/vxi11/vxi11_link.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/vxi11/vxi11_error.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

// How much later than the instrument's own timeout an answer may come, and how long an abort may
// take: both together stay within 50 ms on a LAN. Distant instruments get two round trips more.
constexpr auto kPatience = 16ms;
constexpr auto kMostPatience = 250ms;

/// The time for VI_TMO_IMMEDIATE, which still needs a round trip; an io_timeout of 0 is undefined.
constexpr auto kImmediate = 10ms;

/// The first device_read or device_write of a call carries VI_ATTR_TMO_VALUE itself (B.5.4), unless
/// the call has already waited longer than this, for instance for the gate.
constexpr auto kSameTime = 20ms;

std::chrono::milliseconds patience_of(std::chrono::nanoseconds round_trip) {
  const auto trips = std::chrono::duration_cast<std::chrono::milliseconds>(2 * round_trip);
  return std::min<std::chrono::milliseconds>(kPatience + trips, kMostPatience);
}

Deadline later(Deadline deadline, std::chrono::milliseconds by) noexcept {
  if (deadline.is_infinite()) return deadline;
  return Deadline::at(deadline.time_point() + by);
}

}  // namespace

Link::Link(Connection connection, std::string host, std::chrono::nanoseconds round_trip,
           const ConnectOptions& options)
    : peer_(connection.peer),
      host_(std::move(host)),
      name_(describe_peer(peer_, host_)),
      patience_(patience_of(round_trip)),
      options_(options),
      rpc_(std::make_unique<RpcConnection>(std::move(connection.socket), name_)),
      abort_(host_),
      watch_([this] { wake(); }) {}

void Link::wake() noexcept {
  gate_.wake();
  abort_.wake();
  const MutexLock lock(wires_);
  rpc_->wake();
  if (next_ != nullptr) next_->wake();
}

Status Link::set_nodelay(bool on, Call& call) {
  const MutexLock lock(wires_);
  const bool open = rpc_->stream().fd() >= 0;  // else the next connection gets the option
  const Status set = open ? rpc_->stream().set_nodelay(on, call) : Status::success;
  if (ok(set)) options_.nodelay = on;
  return set;
}

Status Link::set_keepalive(bool on, Call& call) {
  const MutexLock lock(wires_);
  const bool open = rpc_->stream().fd() >= 0;  // else the next connection gets the option
  const Status set = open ? rpc_->stream().set_keepalive(on, call) : Status::success;
  if (ok(set)) options_.keepalive = on;
  return set;
}

Link::TimeBudget Link::budget(const Call& call, bool first) const noexcept {
  if (call.deadline.is_infinite()) return {kMostMilliseconds, call.deadline};
  if (call.deadline.is_immediate()) {
    return {static_cast<std::uint32_t>(kImmediate.count()), Deadline::after(kImmediate)};
  }
  auto left = std::chrono::ceil<std::chrono::milliseconds>(call.deadline.remaining());
  if (first && call.timeout >= left && call.timeout - left <= kSameTime) left = call.timeout;
  const auto most = std::chrono::milliseconds(kMostMilliseconds);
  return {static_cast<std::uint32_t>(std::clamp(left, 1ms, most).count()), call.deadline};
}

/// Every operation begins with this: explains why the gate did not admit it.
Status Link::enter(const GatePass& pass, Call& call) const {
  if (pass.status() != Status::error_tmo) return pass.status();
  return call.fail(pass.status(), name_ +
                                      ": another call of this session is still in progress, or a "
                                      "lock that was granted too late is being given back; try "
                                      "again, or use a longer timeout");
}

/// Called inside the gate: an operation whose time is over must not send anything.
Status Link::begin(Call& call) const {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.is_immediate() || !call.deadline.expired()) return Status::success;
  return call.fail(
      Status::error_tmo,
      name_ + ": another call of this session has taken all the time; use a longer timeout");
}

/// Sends the call and waits for its reply until a moment after `until`. Success: the reply has
/// come; it may still report an error of the instrument, which the caller checks.
Status Link::exchange(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                      Deadline until, Call& call) {
  const Exchange fresh = ex;
  Status status = exchange_once(ex, request, bulk, until, call);
  // Transfers continue by themselves, and a repeated trigger would be a second trigger, also one by
  // command bytes.
  const bool repeatable =
      ex.procedure != Procedure::device_read && ex.procedure != Procedure::device_write &&
      ex.procedure != Procedure::device_trigger && ex.procedure != Procedure::device_docmd;
  if (ok(status) && repeatable && strayed(ex)) {
    ex = fresh;
    status = exchange_once(ex, request, bulk, until, call);
  }
  return status;
}

Status Link::exchange_once(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                           Deadline until, Call& call) {
  Call waiting(call, later(until, patience_));
  Status status = rpc_->send(request, bulk, waiting);
  if (ok(status)) status = receive(ex, waiting);
  if (failed(status)) {
    call.detail = std::move(waiting.detail);
    if (!rpc_->reply_owed() || rpc_->lost()) return late(status, call);
    if (status != Status::error_tmo && status != Status::error_abort) {
      set_owed(ex);
      return status;
    }
    ex.left = status;
    if (status = abort_and_receive(ex, call); failed(status)) return status;
  }
  return conclude(ex, call);
}

/// Receives the results, then as much data of a device_read as ex.room can hold. May be repeated
/// after a failure.
Status Link::receive(Exchange& ex, Call& call) {
  if (!ex.answered) {
    if (const Status status = receive_results(*rpc_, ex, call); failed(status)) return status;
  }
  const std::size_t fits = std::min(ex.data_size, ex.room.size());
  if (ex.count >= fits) return Status::success;
  const StreamResult moved = rpc_->take(ex.room.subspan(ex.count, fits - ex.count), call);
  ex.count += moved.count;
  return moved.status;
}

Status Link::receive_results(RpcConnection& rpc, Exchange& ex, Call& call) {
  const RpcReply reply = rpc.receive(ex.wanted, ex.room, call);
  if (failed(reply.status)) return reply.status;
  XdrReader reader(reply.results);
  ex.got = reply.results.size() / kXdrWord;
  for (std::size_t i = 0; i < ex.got; ++i) ex.words[i] = reader.word();
  ex.outcome = reply.outcome;
  ex.answered = true;
  if (ex.procedure == Procedure::device_read && ex.got == 3) ex.data_size = ex.words[2];
  return Status::success;
}

/// Checks a reply that has come and skips the rest of its record. If the record was not a reply at
/// all, the next one is still recognised by its xid.
Status Link::conclude(Exchange& ex, Call& call) {
  if (ex.outcome == RpcOutcome::success && !ex.room.empty() && ex.count == ex.room.size() &&
      ex.data_size > ex.count) {
    // B.6.22 forbids more data than was asked for, but instruments send it. The rest stays in the
    // connection for the next read.
    set_owed(ex);
    return Status::success;
  }
  rpc_->finish();
  if (ex.outcome == RpcOutcome::procedure_unavailable) {
    return call.fail(Status::error_nsup_oper, name_ + ": " + std::string(describe(ex.outcome)));
  }
  if (ex.outcome != RpcOutcome::success) {
    return call.fail(Status::error_io, name_ + ": " + std::string(describe(ex.outcome)));
  }
  const bool short_of_results =
      ex.got == 0 || (ex.error() == kNoError && ex.got * kXdrWord + ex.optional < ex.wanted);
  if (short_of_results || ex.count < ex.data_size) {
    return call.fail(Status::error_io, name_ + ": the instrument sent a reply that is cut short");
  }
  return Status::success;
}

/// The status and detail for an error that the instrument answered.
Status Link::instrument_error(const Exchange& ex, Call& call) const {
  // The link sent the abort itself: report why (timeout or cancel).
  if (ex.error() == kAborted && failed(ex.left)) return late(ex.left, call);
  return call.fail(later_status(ex.error()), name_ + ": " + describe_error(ex.error()));
}

Status Link::late(Status status, Call& call) const {
  if (status != Status::error_tmo) return status;
  return call.fail(status, name_ + ": the instrument does not answer in time");
}

}  // namespace visa::drivers::vxi11
