// SPDX-License-Identifier: MIT
// How a call travels. What happens when it does not come back stands in vxi11_recovery.cpp.
#include "drivers/vxi11/vxi11_link.h"

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

}  // namespace

Link::Link(Connection connection, std::string host, std::chrono::nanoseconds round_trip)
    : peer_(connection.peer),
      host_(std::move(host)),
      patience_(patience_of(round_trip)),
      rpc_(std::move(connection.socket), describe_peer(peer_, host_)),
      abort_(host_) {}

void Link::wake() noexcept {
  gate_.wake();
  rpc_.wake();
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

/// What every operation begins with, inside the gate.
Status Link::begin(const Call& call) const {
  if (call.cancelled()) return Status::error_abort;
  return !call.deadline.is_immediate() && call.deadline.expired() ? Status::error_tmo
                                                                  : Status::success;
}

/// Sends the call and waits for its reply until a moment behind `until`. Success: the reply is
/// there; whether it says so too is for the caller to see.
Status Link::exchange(Exchange& ex, RpcRequest& request, std::span<const std::byte> bulk,
                      Deadline until, Call& call) {
  Call waiting(call, later(until, patience_));
  Status status = rpc_.send(request, bulk, waiting);
  if (ok(status)) status = receive(ex, waiting);
  if (failed(status)) {
    call.detail = std::move(waiting.detail);
    if (!rpc_.owes() || rpc_.lost()) return late(status, call);
    if (status != Status::error_tmo && status != Status::error_abort) {
      owe(ex);
      return status;
    }
    ex.left = status;
    if (status = rescue(ex, call); failed(status)) return status;
  }
  return conclude(ex, call);
}

/// The results, then the data of a device_read. May be repeated after a failure.
Status Link::receive(Exchange& ex, Call& call) {
  if (!ex.answered) {
    if (const Status status = receive_results(ex, call); failed(status)) return status;
  }
  if (ex.count >= ex.data_size) return Status::success;
  const Moved moved = rpc_.take(ex.room.subspan(ex.count, ex.data_size - ex.count), call);
  ex.count += moved.count;
  return moved.status;
}

Status Link::receive_results(Exchange& ex, Call& call) {
  const RpcReply reply = rpc_.receive(ex.wanted, ex.room, call);
  if (failed(reply.status)) return reply.status;
  XdrReader reader(reply.results);
  ex.got = reply.results.size() / kXdrWord;
  for (std::size_t i = 0; i < ex.got; ++i) ex.words[i] = reader.word();
  ex.outcome = reply.outcome;
  ex.answered = true;
  if (ex.procedure == Procedure::device_read && ex.got == 3) {
    ex.too_long = ex.words[2] > ex.asked;
    ex.data_size = ex.too_long ? 0 : ex.words[2];
  }
  return Status::success;
}

/// Closes the books on a reply that is there.
Status Link::conclude(Exchange& ex, Call& call) {
  const std::string& peer = rpc_.stream().peer();
  if (ex.outcome == RpcOutcome::malformed) {
    // Who knows what follows: nothing that comes now can be told apart any more.
    rpc_.give_up();
    return call.fail(Status::error_conn_lost, peer + ": " + std::string(describe(ex.outcome)) +
                                                  "; close this session and open it again");
  }
  rpc_.finish();
  if (ex.outcome == RpcOutcome::procedure_unavailable) {
    return call.fail(Status::error_nsup_oper, peer + ": " + std::string(describe(ex.outcome)));
  }
  if (ex.outcome != RpcOutcome::success) {
    return call.fail(Status::error_io, peer + ": " + std::string(describe(ex.outcome)));
  }
  const bool short_of_results =
      ex.got == 0 || (ex.error() == kNoError && ex.got * kXdrWord < ex.wanted);
  if (short_of_results || ex.too_long || ex.count < ex.data_size) {
    return call.fail(Status::error_io,
                     peer + (ex.too_long ? ": the instrument sent more data than was asked for"
                                         : ": the instrument sent a reply that is cut short"));
  }
  return Status::success;
}

/// The instrument answered with an error.
Status Link::instrument_error(const Exchange& ex, Call& call) const {
  // The abort was ours: what it was for is what the user wants to know.
  if (ex.error() == kAborted && failed(ex.left)) return late(ex.left, call);
  return call.fail(later_status(ex.error()),
                   rpc_.stream().peer() + ": " + describe_error(ex.error()));
}

Status Link::late(Status status, Call& call) const {
  if (status != Status::error_tmo) return status;
  return call.fail(status, rpc_.stream().peer() + ": the instrument does not answer in time");
}

}  // namespace visa::drivers::vxi11
