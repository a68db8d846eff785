// SPDX-License-Identifier: MIT
// viClear while the instrument owes an answer that does not come: replaces the stuck core
// connection by a new one. In this order:
//
//   1. The owed answer gets one more moment, because the existing connection is the better one.
//   2. A second connection is made and a link created on it. The old one stays until that is done:
//   if
//      the instrument does not answer, or this computer has no socket left, nothing is lost.
//   3. An instrument that serves one connection at a time refuses the second one, refuses its link,
//   or
//      leaves it waiting in the listen queue. Then the old connection is ended first, and the new
//      one tried again until the deadline. A connection that still waits in the queue is kept for
//      the next call.
//   4. The old connection is ended, after a destroy_link whose reply is not waited for. With it end
//   its
//      link, its lock, its interrupt channel and the owed answer.
//   5. If the session holds the lock, the new link takes it: only now, because a lock belongs to a
//   link
//      and the old link had it. Between 4 and 5 another computer may get it first; then every call
//      waits for it until its deadline and returns error_rsrc_locked, until the lock is free again
//      or the session unlocks.
//   6. Service requests are enabled again with the same handle, so that the session's registration
//      with the interrupt server stays valid; the server moves to the address that this computer
//      has on the new connection. Locks do not matter for them.
//   7. device_clear, which obeys locks.
//
// The next call of any kind does what was not done by the deadline: resynchronise().
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "drivers/vxi11/vxi11_error.h"
#include "drivers/vxi11/vxi11_link.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::vxi11 {
namespace {

using namespace std::chrono_literals;

/// Step 1 takes at most this, or a quarter of the time left if that is less.
constexpr auto kMoment = 300ms;

/// The pause before an instrument that refused is tried again.
constexpr auto kPause = 20ms;

Deadline part_of(Deadline whole, int parts, std::chrono::milliseconds most) {
  const auto left = whole.remaining() / parts;
  return Deadline::at(Deadline::Clock::now() + std::min<Deadline::Clock::duration>(left, most));
}

}  // namespace

Status Link::clear(Call& call) {
  // The watch would occupy the gate, and this call may succeed without the answer it waits for.
  const bool watched = watch_.dismiss();
  const Status status = clear_inside(call);
  if (watched && failed(status)) start_watch();
  return status;
}

Status Link::clear_inside(Call& call) {
  const GatePass pass(gate_, call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (const Status status = begin(call); failed(status)) return status;
  if (const Status status = resynchronise_or_replace(call); failed(status)) return status;
  kept_.clear();
  return operate_inside(Procedure::device_clear, call);
}

/// Steps 1 to 6. Does nothing while the link is in step.
Status Link::resynchronise_or_replace(Call& call) {
  if (in_step() && !rpc_->torn()) return Status::success;
  Call waiting(call, budget(call, false).until);
  Status status = Status::success;
  if (linked_ && !rpc_->torn()) {
    Call brief(waiting, part_of(waiting.deadline, 4, kMoment));
    status = await_owed(brief, Rest::skip);
    if (failed(status)) waiting.detail = std::move(brief.detail);
    if (failed(status) && status != Status::error_tmo) {
      call.detail = std::move(waiting.detail);
      return status;
    }
  }
  if (failed(status) || !linked_ || rpc_->torn()) status = replace(waiting);
  if (ok(status)) status = restore(waiting);
  if (failed(status)) call.detail = std::move(waiting.detail);
  return status;
}

/// Steps 2 to 4: success with a new link on a new connection.
Status Link::replace(Call& call) {
  for (;;) {
    const Status status = join(call);
    if (ok(status)) {
      adopt();
      return status;
    }
    if (status != Status::error_rsrc_nfound) return status;
    if (linked_) {
      break_off();
      continue;
    }
    if (call.deadline.expired()) {
      return call.fail(Status::error_tmo, "connecting again after viClear: " + call.detail);
    }
    std::this_thread::sleep_for(
        std::min<Deadline::Clock::duration>(kPause, call.deadline.remaining()));
  }
}

/// Creates a link on the second connection. error_rsrc_nfound: the instrument refuses it.
Status Link::join(Call& call) {
  if (next_ == nullptr) {
    if (const Status status = dial(call); failed(status)) return status;
  }
  Call waiting(call, linked_ ? part_of(call.deadline, 2, 1s) : call.deadline);
  Status status = receive_results(*next_, joining_, waiting);
  if (status == Status::error_tmo && linked_ && !call.deadline.expired()) {
    break_off();
    waiting.deadline = call.deadline;
    status = receive_results(*next_, joining_, waiting);
  }
  if (status == Status::error_tmo || status == Status::error_abort) {
    if (linked_) drop_next();  // the old connection still exists, and one is enough
    return late(status, call);
  }
  if (ok(status) && joining_.granted() && joining_.got == joining_.wanted / kXdrWord) return status;
  if (failed(status)) {
    call.detail = std::move(waiting.detail);
  } else {
    const std::string cause = joining_.outcome == RpcOutcome::success && joining_.got > 0
                                  ? describe_error(joining_.error())
                                  : std::string(describe(joining_.outcome));
    call.fail(status, name_ + ": no second link: " + cause);
  }
  drop_next();
  return Status::error_rsrc_nfound;
}

/// Makes the second connection and sends create_link on it.
Status Link::dial(Call& call) {
  ConnectOptions options;
  {
    const MutexLock lock(wires_);
    options = options_;
  }
  auto made = connect_tcp({&peer_, 1}, host_, options, call);
  if (!made) return made.status();
  auto fresh = std::make_unique<RpcConnection>(std::move(made->socket), name_);
  {
    const MutexLock lock(wires_);
    next_ = std::move(fresh);
  }
  RpcRequest request(core(Procedure::create_link));
  put_create_link(request);
  joining_ = {Procedure::create_link, 4 * kXdrWord};
  const Status status = next_->send(request, {}, call);
  if (ok(status) || next_->reply_owed()) return Status::success;
  drop_next();
  return status == Status::error_conn_lost ? Status::error_rsrc_nfound : status;
}

void Link::drop_next() noexcept {
  if (next_ == nullptr) return;
  const CancelShield shield;
  next_->close();
  const MutexLock lock(wires_);
  next_.reset();
}

/// Step 4. After it the session has no link until adopt().
void Link::break_off() {
  const CancelShield shield;
  if (linked_ && !rpc_->lost() && !rpc_->sends_rest()) {
    Call unwaited(Deadline::after(kPause));
    RpcRequest request(core(Procedure::destroy_link));
    request.arguments().word(id_);
    rpc_->send(request, {}, unwaited);
  }
  abort_.close();
  {
    const MutexLock lock(wires_);
    rpc_->close();
  }
  linked_ = false;
  owed_.reset();
  kept_.clear();
  unlock_due_ = false;
  abort_astray_ = false;
  lock_missing_ = locked_;
  interrupts_missing_ = interrupts_.open;
}

void Link::adopt() {
  if (linked_) break_off();
  {
    const MutexLock lock(wires_);
    rpc_ = std::move(next_);
    // The program may have set the options while the connection was being made.
    Call call(Deadline::immediate());
    rpc_->stream().set_nodelay(options_.nodelay, call);
    rpc_->stream().set_keepalive(options_.keepalive, call);
  }
  rpc_->finish();
  take_link(joining_);
}

/// Steps 5 and 6.
Status Link::restore(Call& call) {
  if (lock_missing_) {
    const Status status = acquire(call);
    if (status == Status::error_tmo && !owed_) {
      return call.fail(Status::error_rsrc_locked,
                       name_ +
                           ": connected again, but the lock of this session is now held by "
                           "another link");
    }
    if (failed(status)) return status;
    lock_missing_ = false;
  }
  return interrupts_missing_ ? restore_interrupts(call) : Status::success;
}

Status Link::restore_interrupts(Call& call) {
  Status status = create_channel(call);
  if (ok(status) && interrupts_.enabled) {
    status = send_enable(true, call);
  }
  const bool again = status == Status::error_tmo || status == Status::error_abort || rpc_->lost();
  if (again) return status;  // the next call tries again
  interrupts_missing_ = false;
  if (ok(status)) return status;
  return call.fail(Status::error_io, call.detail +
                                         "; connected again, but without service requests: "
                                         "disable the event and enable it again");
}

}  // namespace visa::drivers::vxi11
