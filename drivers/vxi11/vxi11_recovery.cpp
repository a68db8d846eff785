// SPDX-License-Identifier: MIT
// Keeping the link in step. owed_ is set exactly while a reply is still to come, or to be read to
// its end, for a call that has returned to its caller; nothing else goes out on the core connection
// meanwhile.
#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <optional>
#include <utility>

#include "drivers/vxi11/vxi11_link.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

/// viTerminate and viClose: how long the aborted call may take to come back. Also how long a later
/// call waits for the abort channel before it waits for the answer itself.
constexpr auto kAbortGrace = 300ms;

/// So often device_abort is tried for one answer: an abort channel that is silent once mostly stays
/// so, and each try costs the caller a part of his time.
constexpr int kAborts = 2;

/// viClose: how long the instrument may take over its goodbye.
constexpr auto kGoodbye = 300ms;

/// What skipping takes at once.
constexpr std::size_t kSkipped = std::size_t{16} * 1024;

/// What has arrived by now. Not Deadline::immediate(), which knows no end while bytes keep coming.
Deadline now() noexcept {
  return Deadline::at(Deadline::Clock::now());
}

}  // namespace

/// The call came to its deadline or was cancelled (ex.left): aborts it and gives the reply one more
/// moment. Success: it is there after all.
Status Link::rescue(Exchange& ex, Call& call) {
  const bool cancelled = ex.left == Status::error_abort;
  const auto end = Deadline::after(cancelled ? kAbortGrace : patience_);
  Call own(end);  // not of the cancelled call: it would end at once
  Call part(call, end);
  Call& grace = cancelled ? own : part;
  int aborts = kAborts;
  if (linked_) {
    const auto outcome = abort_.abort(id_, grace);
    abort_astray_ = abort_astray_ || outcome == AbortChannel::Outcome::unanswered;
    aborts = outcome == AbortChannel::Outcome::unanswered ? kAborts - 1 : 0;
  }
  const Status status = receive(ex, grace);
  if (ok(status)) return status;
  if (rpc_->lost()) {
    call.detail = std::move(grace.detail);
    return status;
  }
  owe(ex);
  aborts_left_ = aborts;
  return late(ex.left, call);
}

void Link::owe(const Exchange& ex) {
  owed_ = ex;
  owed_->room = {};
  aborts_left_ = 0;
  if (ex.procedure != Procedure::device_read) return;
  kept_.clear();  // all of it was read before
  kept_.allow(ex.room.size());
}

/// An abort that was never confirmed has ended a call nobody wanted to end. Once for each.
bool Link::strayed(const Exchange& ex) noexcept {
  const bool stray = abort_astray_ && ok(ex.left) && ex.outcome == RpcOutcome::success &&
                     ex.got > 0 && ex.error() == kAborted;
  if (stray) abort_astray_ = false;
  return stray;
}

bool Link::in_step() const noexcept {
  return linked_ && !owed_ && !unlock_due_ && !lock_missing_ && !interrupts_missing_;
}

/// Brings the link in step before anything else goes out. error_tmo: the instrument still owes an
/// answer, or is not reached again yet; the next call goes on from there.
Status Link::settle(Call& call, Rest rest) {
  if (in_step()) return Status::success;
  Call waiting(call, pace(call, false).until);
  Status status = linked_ ? await_owed(waiting, rest) : replace(waiting);
  if (ok(status)) status = restore(waiting);
  if (failed(status)) call.detail = std::move(waiting.detail);
  return status;
}

/// The reply that is owed, as far as `rest` wants it, and what follows from it.
Status Link::await_owed(Call& call, Rest rest) {
  if (owed_) {
    if (const Status status = await_reply(call); failed(status)) return still_owed(status, call);
    Status status = Status::success;
    if (rest == Rest::keep) status = keep_rest(call);
    if (rest == Rest::drop || rest == Rest::skip) status = drop_rest(call, rest == Rest::drop);
    if (failed(status)) return still_owed(status, call);
    if (owed_ && owed_->data_size == owed_->count) close_owed();
  }
  while (unlock_due_) {
    if (const Status status = give_back(); failed(status)) return status;
    if (const Status status = await_reply(call); failed(status)) return still_owed(status, call);
    close_owed();
  }
  return Status::success;
}

Status Link::still_owed(Status status, Call& call) const {
  if (status != Status::error_tmo) return status;
  return call.fail(status,
                   name_ +
                       ": the instrument has not answered an earlier call yet; wait for it, "
                       "or clear the device (viClear)");
}

/// Waits for the head of the reply that is owed. Looks first: it may be there, and then an abort
/// would end the next call instead.
Status Link::await_reply(Call& call) {
  if (owed_->answered) return Status::success;
  Call look(call, now());
  Status status = receive_results(*rpc_, *owed_, look);
  if (status == Status::error_tmo && aborts_left_ > 0) {
    --aborts_left_;
    Call brief(call, std::min(call.deadline, Deadline::after(kAbortGrace)));
    const auto outcome = abort_.abort(id_, brief);
    abort_astray_ = abort_astray_ || outcome == AbortChannel::Outcome::unanswered;
    if (outcome != AbortChannel::Outcome::unanswered) aborts_left_ = 0;
  }
  if (status == Status::error_tmo) {
    status = receive_results(*rpc_, *owed_, call);
  } else {
    call.detail = std::move(look.detail);
  }
  return status;
}

/// Data of a device_read is kept for the next read: the instrument has given it away and will not
/// say it again.
Status Link::keep_rest(Call& call) {
  while (owed_ && owed_->count < owed_->data_size) {
    if (kept_.full()) {
      kept_.spoil("the answer was longer than asked for, and of its rest only " +
                  std::to_string(kept_.most()) + " bytes were kept for this read");
      owed_->count = owed_->data_size;
      break;
    }
    const auto room = kept_.room(owed_->data_size - owed_->count);
    const StreamResult moved = rpc_->take(room, call);
    kept_.unused(room.size() - moved.count);
    owed_->count += moved.count;
    if (failed(moved.status)) return moved.status;
    if (moved.count < room.size()) {
      kept_.spoil("the instrument sent a reply that is cut short");
      owed_->count = owed_->data_size;
    }
    if (owed_->count < owed_->data_size && call.deadline.expired()) return Status::error_tmo;
  }
  return Status::success;
}

/// A write or a clear: the instrument forgets that answer, too. `at_once`: what of it is still to
/// come is skipped with the next reply; else it has to come first.
Status Link::drop_rest(Call& call, bool at_once) {
  kept_.clear();
  std::array<std::byte, kSkipped> scratch;
  while (!at_once && owed_->count < owed_->data_size) {
    const std::size_t step = std::min(scratch.size(), owed_->data_size - owed_->count);
    const StreamResult moved = rpc_->take(std::span(scratch).first(step), call);
    owed_->count += moved.count;
    if (failed(moved.status)) return moved.status;
    if (moved.count < step) break;
    if (call.deadline.expired() && owed_->count < owed_->data_size) return Status::error_tmo;
  }
  owed_->count = owed_->data_size = 0;
  return Status::success;
}

/// The reply that was owed is dealt with.
void Link::close_owed() {
  const Exchange ex = *owed_;
  owed_.reset();
  rpc_->finish();
  if (ex.procedure == Procedure::device_read && ex.got > 1) {
    kept_.ends_by(ex.error() == kNoError ? ex.words[1] : 0);
  }
  if (ex.procedure != Procedure::device_lock || !ex.granted()) return;
  // A lock granted to a viLock that had given up belongs to nobody; one that this session had and
  // asked for again belongs to it.
  unlock_due_ = !lock_missing_;
  lock_missing_ = false;
}

/// Sends the device_unlock, whose reply is then owed. Never at the mercy of the call that found the
/// lock granted: that may be cancelled or over.
Status Link::give_back() {
  Call own(Deadline::after(patience_));
  RpcRequest request(core(Procedure::device_unlock));
  request.arguments().word(id_);
  const Status status = rpc_->send(request, {}, own);
  if (failed(status) && !rpc_->reply_owed()) return status;
  unlock_due_ = false;
  owe({Procedure::device_unlock, kXdrWord});
  return Status::success;
}

/// Inside the gate, by the call that leaves something owed. The watch enters the gate like any
/// other call; where those that come meanwhile find the answer first, nothing is left for it.
void Link::watch_late_lock() {
  if (owed_ && owed_->procedure == Procedure::device_lock && !lock_missing_) start_watch();
}

void Link::start_watch() {
  watch_.start([this](Call& call) {
    const GatePass pass(gate_, call);
    if (ok(pass.status()) && linked_) settle(call);
  });
}

// noexcept: what throws here is bad_alloc, and then the goodbye is left out.
void Link::destroy(Call& call) noexcept {
  watch_.dismiss();
  try {
    say_goodbye(call);
  } catch (const std::bad_alloc&) {
    rpc_->give_up();
  }
  drop_next();
  abort_.close();
  rpc_->close();
}

/// destroy_link even where something is owed: instruments keep links that nobody destroyed, and
/// refuse the next viOpen for it.
void Link::say_goodbye(Call& call) {
  if (!linked_ || rpc_->lost()) return;
  Call brief(std::min(call.deadline, Deadline::after(kGoodbye)));
  if (owed_) await_owed(brief, Rest::drop);
  if (rpc_->lost() || rpc_->sends_rest()) return;
  if (owed_) rpc_->finish();  // its reply, if it comes, is a stale one
  Call goodbye(std::min(call.deadline, Deadline::after(kGoodbye)));
  RpcRequest request(core(Procedure::destroy_link));
  request.arguments().word(id_);
  if (failed(rpc_->send(request, {}, goodbye))) return;
  if (ok(rpc_->receive(kXdrWord, {}, goodbye).status)) rpc_->finish();
}

}  // namespace visa::drivers::vxi11
