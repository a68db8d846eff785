// SPDX-License-Identifier: MIT
// How a call travels. What happens when it does not come back stands in vxi11_recovery.cpp.
#include "drivers/vxi11/vxi11_link.h"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/vxi11/vxi11_error.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

// How long an answer may be late beyond the instrument's own timeout, and an abort may take: twice
// this stays within 50 ms on a LAN. Far instruments get two round trips more.
constexpr auto kPatience = 16ms;
constexpr auto kMostPatience = 250ms;

/// VI_TMO_IMMEDIATE still needs a round trip, and an io_timeout of 0 is undefined.
constexpr auto kImmediate = 10ms;

/// The first device_read and device_write of a call carry VI_ATTR_TMO_VALUE itself (B.5.4) unless
/// waiting for the gate has eaten into it.
constexpr auto kSameTime = 20ms;

std::chrono::milliseconds patience_of(std::chrono::nanoseconds round_trip) {
  const auto trips = std::chrono::duration_cast<std::chrono::milliseconds>(2 * round_trip);
  return std::min<std::chrono::milliseconds>(kPatience + trips, kMostPatience);
}

Deadline later(Deadline deadline, std::chrono::milliseconds by) noexcept {
  if (deadline.is_infinite()) return deadline;
  return Deadline::at(deadline.time_point() + by);
}

std::optional<Endpoint> local_end(int fd) {
  sockaddr_in6 own{};
  socklen_t size = sizeof own;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return std::nullopt;
  return Endpoint(reinterpret_cast<const sockaddr*>(&own), size);
}

}  // namespace

Link::Link(Connection connection, std::string host, std::chrono::nanoseconds round_trip,
           const ConnectOptions& options)
    : peer_(connection.peer),
      host_(std::move(host)),
      name_(describe_peer(peer_, host_)),
      patience_(patience_of(round_trip)),
      local_(local_end(connection.socket.get())),
      options_(options),
      rpc_(std::make_unique<RpcConnection>(std::move(connection.socket), name_)),
      abort_(host_),
      watch_([this] { wake(); }) {}

void Link::wake() noexcept {
  gate_.wake();
  const MutexLock lock(wires_);
  rpc_->wake();
  if (next_ != nullptr) next_->wake();
}

Status Link::set_nodelay(bool on, Call& call) {
  const MutexLock lock(wires_);
  const bool open = rpc_->stream().fd() >= 0;  // between two connections the next one has it
  const Status set = open ? rpc_->stream().set_nodelay(on, call) : Status::success;
  if (ok(set)) options_.nodelay = on;
  return set;
}

Status Link::set_keepalive(bool on, Call& call) {
  const MutexLock lock(wires_);
  const bool open = rpc_->stream().fd() >= 0;  // between two connections the next one has it
  const Status set = open ? rpc_->stream().set_keepalive(on, call) : Status::success;
  if (ok(set)) options_.keepalive = on;
  return set;
}

Link::Pace Link::pace(const Call& call, bool first) const noexcept {
  if (call.deadline.is_infinite()) return {kMostMilliseconds, call.deadline};
  if (call.deadline.is_immediate()) {
    return {static_cast<std::uint32_t>(kImmediate.count()), Deadline::after(kImmediate)};
  }
  auto left = std::chrono::ceil<std::chrono::milliseconds>(call.deadline.remaining());
  if (first && call.timeout >= left && call.timeout - left <= kSameTime) left = call.timeout;
  const auto most = std::chrono::milliseconds(kMostMilliseconds);
  return {static_cast<std::uint32_t>(std::clamp(left, 1ms, most).count()), call.deadline};
}

/// What every operation begins with.
Status Link::enter(const GatePass& pass, Call& call) const {
  if (pass.status() != Status::error_tmo) return pass.status();
  return call.fail(pass.status(), name_ +
                                      ": another call of this session is still in progress, or a "
                                      "lock that was granted too late is still to be given back");
}

/// Inside the gate, where the operation is to stop short of the wire when its time is over.
Status Link::begin(Call& call) const {
  if (call.cancelled()) return Status::error_abort;
  if (call.deadline.is_immediate() || !call.deadline.expired()) return Status::success;
  return call.fail(Status::error_tmo,
                   name_ + ": another call of this session has taken all the time there was");
}

/// Sends the call and waits for its reply until a moment after `until`. Success: the reply is
/// there; whether it says so too is for the caller to see.
Status Link::exchange(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                      Deadline until, Call& call) {
  const Exchange fresh = ex;
  Status status = exchange_once(ex, request, bulk, until, call);
  // Transfers go on from where they are, and a second trigger is another one.
  const bool repeatable = ex.procedure != Procedure::device_read &&
                          ex.procedure != Procedure::device_write &&
                          ex.procedure != Procedure::device_trigger;
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
      owe(ex);
      return status;
    }
    ex.left = status;
    if (status = rescue(ex, call); failed(status)) return status;
  }
  return conclude(ex, call);
}

/// The results, then as much data of a device_read as there is room for. May be repeated after a
/// failure.
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

/// Closes the books on a reply that is there. Its record is skipped, whatever else is in it: where
/// that was no reply at all, the next one is known by its number.
Status Link::conclude(Exchange& ex, Call& call) {
  if (ex.outcome == RpcOutcome::success && !ex.room.empty() && ex.count == ex.room.size() &&
      ex.data_size > ex.count) {
    // B.6.22 forbids more than was asked for; instruments send it all the same. The rest stays in
    // the connection for the next read.
    owe(ex);
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
      ex.got == 0 || (ex.error() == kNoError && ex.got * kXdrWord < ex.wanted);
  if (short_of_results || ex.count < ex.data_size) {
    return call.fail(Status::error_io, name_ + ": the instrument sent a reply that is cut short");
  }
  return Status::success;
}

/// The instrument answered with an error.
Status Link::instrument_error(const Exchange& ex, Call& call) const {
  // The abort was ours: what it was for is what the user wants to know.
  if (ex.error() == kAborted && failed(ex.left)) return late(ex.left, call);
  return call.fail(later_status(ex.error()), name_ + ": " + describe_error(ex.error()));
}

Status Link::late(Status status, Call& call) const {
  if (status != Status::error_tmo) return status;
  return call.fail(status, name_ + ": the instrument does not answer in time");
}

}  // namespace visa::drivers::vxi11
