// SPDX-License-Identifier: MIT
// Keeping the link in step. owed_ is set exactly while a reply is still to come for a call that has
// returned to its caller; nothing else goes out on the core connection meanwhile.
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "drivers/vxi11/vxi11_link.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

/// viTerminate and viClose: how long the aborted call may take to come back.
constexpr auto kAbortGrace = 300ms;

/// An instrument that has taken an abort owes the reply within this, or never sends it.
constexpr auto kOwedGrace = 1s;

/// What is received at once of a late reply: its length is the caller's, but memory is only taken
/// for what really comes.
constexpr std::size_t kLatePiece = std::size_t{64} * 1024;

/// viClose: how long the instrument may take over its goodbye.
constexpr auto kGoodbye = 300ms;

}  // namespace

/// The call came to its deadline or was cancelled (ex.left): aborts it and gives the reply one more
/// moment. Success: it is there after all.
Status Link::rescue(Exchange& ex, Call& call) {
  const bool cancelled = ex.left == Status::error_abort;
  const auto end = Deadline::after(cancelled ? kAbortGrace : patience_);
  Call own(end);  // not of the cancelled call: it would end at once
  Call part(call, end);
  Call& grace = cancelled ? own : part;
  const bool taken = linked_ && abort_.abort(id_, grace) == AbortChannel::Outcome::delivered;
  const Status status = receive(ex, grace);
  if (ok(status)) return status;
  if (rpc_.lost()) {
    call.detail = std::move(grace.detail);
    return status;
  }
  owe(ex);
  abort_taken_ = taken;
  return late(ex.left, call);
}

void Link::owe(const Exchange& ex) {
  owed_ = ex;
  owed_->room = {};
  abort_taken_ = false;
  abort_time_ = Deadline::Clock::now();
}

/// Reads what is owed before anything else goes out. error_tmo: still owed. error_conn_lost: the
/// instrument has taken the abort long ago and still does not answer.
Status Link::settle(Call& call) {
  if (!owed_) return Status::success;
  Call waiting(call, pace(call, false).until);
  if (!abort_taken_) {
    Call brief(waiting, std::min(waiting.deadline, Deadline::after(kAbortGrace)));
    // Refused means that no abort will ever help: the same time is all there is.
    abort_taken_ = abort_.abort(id_, brief) != AbortChannel::Outcome::unanswered;
    abort_time_ = Deadline::Clock::now();
  }
  const auto last = abort_taken_ ? Deadline::at(abort_time_ + kOwedGrace) : Deadline::infinite();
  waiting.deadline = std::min(waiting.deadline, last);
  const Status status = collect_late(waiting);
  if (ok(status)) return status;
  if (status == Status::error_tmo && last.expired()) {
    rpc_.give_up();
    return call.fail(Status::error_conn_lost,
                     rpc_.stream().peer() +
                         ": the instrument still owes an answer; close this session and open it "
                         "again");
  }
  call.detail = std::move(waiting.detail);
  return late(status, call);
}

/// The reply that is owed, to its end. Data of a device_read is kept for the next read: the
/// instrument has given it away and will not say it again.
Status Link::collect_late(Call& call) {
  Exchange& ex = *owed_;
  if (!ex.answered) {
    if (const Status status = receive_results(ex, call); failed(status)) return status;
  }
  while (ex.count < ex.data_size) {
    const std::size_t held = late_.size();
    late_.resize(held + std::min(ex.data_size - ex.count, kLatePiece));
    const Moved moved = rpc_.take(std::span(late_).subspan(held), call);
    late_.resize(held + moved.count);
    ex.count += moved.count;
    if (failed(moved.status)) return moved.status;
    if (moved.count == 0) break;  // cut short
  }
  if (ex.data_size > 0) late_reason_ = ex.words[1];
  const bool granted = ex.procedure == Procedure::device_lock && ex.got == 1 &&
                       ex.outcome == RpcOutcome::success && ex.error() == kNoError;
  const bool malformed = ex.outcome == RpcOutcome::malformed;
  owed_.reset();
  if (malformed) rpc_.give_up();
  if (rpc_.lost()) return Status::error_conn_lost;
  rpc_.finish();
  if (!granted) return Status::success;
  // A lock granted to a viLock that had given up belongs to nobody.
  RpcRequest request(core(Procedure::device_unlock));
  request.arguments().word(id_);
  return simple(Procedure::device_unlock, request, call.deadline, call);
}

void Link::drop_late() noexcept {
  late_.clear();
  late_taken_ = 0;
}

// noexcept: what throws here is bad_alloc, and then the goodbye is left out.
void Link::destroy(Call& call) noexcept {
  try {
    say_goodbye(call);
  } catch (const std::bad_alloc&) {
    rpc_.give_up();
  }
  abort_.close();
  rpc_.close();
}

/// destroy_link even where something is owed: instruments keep links that nobody destroyed, and
/// refuse the next viOpen for it.
void Link::say_goodbye(Call& call) {
  if (!linked_ || rpc_.lost()) return;
  Call brief(std::min(call.deadline, Deadline::after(kGoodbye)));
  if (owed_) settle(brief);
  if (rpc_.lost() || rpc_.sends_rest()) return;
  if (owed_) rpc_.finish();  // its reply, if it comes, is a stale one
  Call goodbye(std::min(call.deadline, Deadline::after(kGoodbye)));
  RpcRequest request(core(Procedure::destroy_link));
  request.arguments().word(id_);
  if (failed(rpc_.send(request, {}, goodbye))) return;
  if (ok(rpc_.receive(kXdrWord, {}, goodbye).status)) rpc_.finish();
}

}  // namespace visa::drivers::vxi11
