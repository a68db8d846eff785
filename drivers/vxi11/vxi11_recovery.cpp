// SPDX-License-Identifier: MIT
// Keeps the link in step. Invariant: owed_ is set exactly while the reply to a call that has
// returned to its caller is still to come or still to be read to its end; meanwhile nothing else is
// sent on the core connection.
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

/// How long a call that viTerminate or viClose has cancelled waits for its aborted reply, with
/// which the session stays in step. The user wants that call to end now.
constexpr auto kCancelGrace = 100ms;

/// How long a later call waits for the abort channel before it waits for the owed reply itself. A
/// cancel ends that wait.
constexpr auto kAbortGrace = 300ms;

/// How often device_abort is tried for one reply: an abort channel that was silent once usually
/// stays silent, and each attempt costs the caller some of its time.
constexpr int kAborts = 2;

/// How long viClose waits for the reply to destroy_link.
constexpr auto kGoodbye = 300ms;

/// How many bytes one receive skips.
constexpr std::size_t kSkipped = std::size_t{16} * 1024;

/// A deadline that takes only what has arrived. Deadline::immediate() would not end while bytes
/// keep coming.
Deadline now() noexcept {
  return Deadline::at(Deadline::Clock::now());
}

}  // namespace

/// For a call that reached its deadline or was cancelled (ex.left): aborts it and waits a moment
/// more for the reply. Success: the reply has come after all.
Status Link::abort_and_receive(Exchange& ex, Call& call) {
  const bool cancelled = ex.left == Status::error_abort;
  const auto end = Deadline::after(cancelled ? kCancelGrace : patience_);
  Call own(end);  // a Call derived from the cancelled one would end at once
  Call part(call, end);
  Call& grace = cancelled ? own : part;
  int aborts = kAborts;
  auto outcome = AbortChannel::Outcome::refused;
  if (linked_) {
    outcome = abort_.abort(id_, grace);
    abort_astray_ = abort_astray_ || outcome == AbortChannel::Outcome::unanswered;
    aborts = outcome == AbortChannel::Outcome::unanswered ? kAborts - 1 : 0;
  }
  // Without an abort the reply may be far away: a cancelled call takes only what has arrived.
  if (cancelled && outcome == AbortChannel::Outcome::refused) grace.deadline = now();
  const Status status = receive(ex, grace);
  if (ok(status)) return status;
  if (rpc_->lost()) {
    call.detail = std::move(grace.detail);
    return status;
  }
  set_owed(ex);
  aborts_left_ = aborts;
  return late(ex.left, call);
}

void Link::set_owed(const Exchange& ex) {
  owed_ = ex;
  owed_->room = {};
  aborts_left_ = 0;
  if (ex.procedure != Procedure::device_read) return;
  kept_.clear();  // a device_read is sent only after all kept bytes were read
  kept_.allow(ex.room.size());
}

/// True if an unconfirmed abort has ended this call, which was not to be aborted. Once per abort.
bool Link::strayed(const Exchange& ex) noexcept {
  const bool stray = abort_astray_ && ok(ex.left) && ex.outcome == RpcOutcome::success &&
                     ex.got > 0 && ex.error() == kAborted;
  if (stray) abort_astray_ = false;
  return stray;
}

bool Link::in_step() const noexcept {
  return linked_ && !owed_ && !unlock_due_ && !lock_missing_ && !interrupts_missing_;
}

/// Brings the link in step before anything else is sent. error_tmo: the instrument still owes a
/// reply, or the link has not been made again yet; the next call continues from there.
Status Link::resynchronise(Call& call, Rest rest) {
  if (in_step()) return Status::success;
  Call waiting(call, budget(call, false).until);
  Status status = linked_ ? await_owed(waiting, rest) : replace(waiting);
  if (ok(status)) status = restore(waiting);
  if (failed(status)) call.detail = std::move(waiting.detail);
  return status;
}

/// Waits for the owed reply, handles its data as `rest` says, and gives back a lock it granted.
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

/// Waits for the results of the owed reply. First checks whether it has come, because an abort
/// would then end the next call instead.
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

/// Keeps the data of a device_read for the next read, because the instrument will not send it
/// again.
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

/// For a write or a clear, after which the instrument drops that answer too. `at_once`: returns at
/// once, and the part that has not come is skipped before the next reply; else waits for that part.
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

/// Ends the owed reply, and notes what it decided: the reason of a read, a lock that was granted.
void Link::close_owed() {
  const Exchange ex = *owed_;
  owed_.reset();
  rpc_->finish();
  if (ex.procedure == Procedure::device_read && ex.got > 1) {
    kept_.ends_by(ex.error() == kNoError ? ex.words[1] : 0);
  }
  if (ex.procedure != Procedure::device_lock || !ex.granted()) return;
  // A lock granted to a viLock that had given up must be given back; if the session held the lock
  // and asked for it again on a new link, it keeps the lock.
  unlock_due_ = !lock_missing_;
  lock_missing_ = false;
}

/// Sends device_unlock, whose reply is then owed. Has a deadline of its own, because the call that
/// found the lock granted may be cancelled or at its deadline.
Status Link::give_back() {
  Call own(Deadline::after(patience_));
  RpcRequest request(core(Procedure::device_unlock));
  request.arguments().word(id_);
  const Status status = rpc_->send(request, {}, own);
  if (failed(status) && !rpc_->reply_owed()) return status;
  unlock_due_ = false;
  set_owed({Procedure::device_unlock, kXdrWord});
  return Status::success;
}

/// Called inside the gate by the call that leaves a reply owed. The watch enters the gate like any
/// other call; if another call finds the reply first, the watch has nothing to do.
void Link::watch_late_lock() {
  if (owed_ && owed_->procedure == Procedure::device_lock && !lock_missing_) start_watch();
}

void Link::start_watch() {
  watch_.start([this](Call& call) {
    const GatePass pass(gate_, call);
    // Only to give back a lock that is granted too late: to take one again is for the calls of the
    // program, which have a deadline.
    if (failed(pass.status()) || !linked_ || lock_missing_) return;
    const bool lock_owed = owed_ && owed_->procedure == Procedure::device_lock;
    if (unlock_due_ || lock_owed) resynchronise(call);
  });
}

// noexcept: only bad_alloc can be thrown here; destroy_link is then not sent.
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

/// Sends destroy_link even if a reply is owed: instruments keep links that were not destroyed, and
/// may refuse the next viOpen because of them.
void Link::say_goodbye(Call& call) {
  if (!linked_ || rpc_->lost()) return;
  Call brief(std::min(call.deadline, Deadline::after(kGoodbye)));
  if (owed_) await_owed(brief, Rest::drop);
  if (rpc_->lost() || rpc_->sends_rest()) return;
  if (owed_) rpc_->finish();  // if the owed reply comes, it is skipped
  Call goodbye(std::min(call.deadline, Deadline::after(kGoodbye)));
  RpcRequest request(core(Procedure::destroy_link));
  request.arguments().word(id_);
  if (failed(rpc_->send(request, {}, goodbye))) return;
  if (ok(rpc_->receive(kXdrWord, {}, goodbye).status)) rpc_->finish();
}

}  // namespace visa::drivers::vxi11
