// SPDX-License-Identifier: MIT
// Hand-over: the thread that changes the record answers every waiting request that the rules now
// grant or refuse, oldest first, before it releases the mutex. So a newcomer cannot overtake the
// line. A waiter wakes only when it has its answer, its time is over, its call was cancelled, or
// it has to check what other processes have done (lock_line.cpp).
//
// The waits are cancellation points (pthread_cancel unwinds through them). Therefore nothing here
// is noexcept, and a destructor gives up the place in line.
#include "lib/locks/lock_domain.h"

#include <algorithm>
#include <charconv>

#include "lib/locks/access_key.h"
#include "lib/locks/lock_waiter.h"

namespace visa::locks {

namespace {

constexpr std::uint64_t gate_word(LockState state, SessionId owner) {
  return (static_cast<std::uint64_t>(state) << 32) | owner;
}
constexpr std::uint64_t kOpenGate = gate_word(LockState::none, 0);

std::string hexadecimal(SessionId session) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, session, 16).ptr;
  return "0x" + std::string(digits, end);
}

}  // namespace

LockDomain::LockDomain(std::string name, std::shared_ptr<LockStore> store)
    : name_(std::move(name)), shared_(name_, std::move(store), record_) {}

LockDomain::Granted LockDomain::lock(SessionId session, LockKind kind,
                                     std::optional<std::string_view> requested_key, Call& call) {
  const bool shared = kind == LockKind::shared;
  const std::string_view key = shared ? requested_key.value_or("") : "";  // 3.6.13, OBS 3.6.4

  if (needs_the_file(session, kind, key)) shared_.renew();
  MutexLock held(mutex_);
  // Checked under the mutex, so that a call cancelled before release_all() gets nothing after it.
  if (call.cancelled()) return {refuse(Status::error_abort, call), {}};
  const Verdict verdict = record_.judge(session, kind, key);
  if (verdict.outcome == Verdict::Outcome::refused) return {refuse(verdict.status, call), {}};
  if (verdict.outcome == Verdict::Outcome::wait && call.deadline.is_immediate()) {
    return {refuse(Status::error_rsrc_locked, call), {}};  // 3.6.23
  }

  Waiter request{session, kind, key, call.deadline.is_immediate()};
  if (shared) {
    request.key.reserve(kMaxKeyLength);
    request.founding_key = key;
    if (key.empty() && !record_.is_member(session)) {
      auto generated = generate_access_key();  // 3.6.15
      if (!generated) {
        return {call.fail(generated.status(), "no random numbers to make a lock key of"), {}};
      }
      request.founding_key = *std::move(generated);
    }
  }
  record_.make_room(line_.size() + 1);  // grants and hand-overs allocate nothing after this

  const bool nested =
      verdict.outcome == Verdict::Outcome::granted && verdict.status != Status::success;
  if (nested) {
    give(request, verdict.status);  // a nested lock changes nothing for other sessions
  } else {
    const Status status = wait_in_line(request, call, held);
    if (failed(status)) return {refuse(status, call), {}};
  }
  if (shared_.divided()) call.detail = name_ + ": " + shared_.where();
  return {request.answer, std::move(request.key)};
}

/// False for a nested lock in a file that is not known to be deleted: it asks no other process.
bool LockDomain::needs_the_file(SessionId session, LockKind kind, std::string_view key) const {
  const MutexLock held(mutex_);
  const Verdict verdict = record_.judge(session, kind, key);
  return verdict.outcome != Verdict::Outcome::granted || verdict.status == Status::success ||
         shared_.retired();
}

void LockDomain::renew_if_retired() {
  {
    const MutexLock held(mutex_);
    if (!shared_.retired()) return;
  }
  shared_.renew();
}

Status LockDomain::unlock(SessionId session) {
  renew_if_retired();
  const MutexLock held(mutex_);
  return hand_on(record_.release_one(session));
}

Status LockDomain::unlock(SessionId session, LockKind kind) {
  renew_if_retired();
  const MutexLock held(mutex_);
  return hand_on(record_.release(session, kind));
}

/// Shows other processes and the line what was released; returns the status of the release.
Status LockDomain::hand_on(Status released) {
  if (ok(released)) {
    shared_.publish();
    serve();
  }
  return released;
}

void LockDomain::release_all(SessionId session) {
  const MutexLock held(mutex_);
  for (Waiter* waiter : line_) {
    if (waiter->session == session && !waiter->answered) answer(*waiter, Status::error_abort);
  }
  if (!record_.release_all(session)) return;
  shared_.publish();
  serve();
}

bool LockDomain::may_pass(SessionId session) const noexcept {
  if (!shared_.current()) look(SharedRecord::Liveness::assumed);
  if (passes(session)) return true;
  if (!held_elsewhere_.load(std::memory_order_acquire)) return false;
  look(SharedRecord::Liveness::checked);  // a dead process shuts no session out
  return passes(session);
}

bool LockDomain::passes(SessionId session) const noexcept {
  const std::uint64_t gate = gate_.load(std::memory_order_acquire);
  if (gate == kOpenGate) return true;
  if (gate >> 32 == static_cast<std::uint64_t>(LockState::exclusive)) {
    return gate == gate_word(LockState::exclusive, session);
  }
  for (const auto& place : members_) {
    if (place.load(std::memory_order_acquire) == session) return true;
  }
  if (!more_members_.load(std::memory_order_acquire)) return false;
  const MutexLock held(mutex_);
  return record_.is_member(session);
}

Status LockDomain::refuse(Call& call) const {
  const MutexLock held(mutex_);
  return refuse(Status::error_rsrc_locked, call);
}

LockState LockDomain::state() const noexcept {
  if (!shared_.current()) look(SharedRecord::Liveness::assumed);
  if (held_elsewhere_.load(std::memory_order_acquire)) look(SharedRecord::Liveness::checked);
  return static_cast<LockState>(gate_.load(std::memory_order_acquire) >> 32);  // 3.6.24, 3.6.25
}

void LockDomain::look(SharedRecord::Liveness liveness) const noexcept {
  const MutexLock held(mutex_);
  shared_.look(liveness);
  publish();
}

// A member keeps its place while it belongs to the group, so that its own threads, which read
// without the mutex, always find it. The places are written before the gate, because the gate sends
// readers to them.
void LockDomain::publish() const noexcept {
  for (auto& place : members_) {
    const SessionId member = place.load(std::memory_order_relaxed);
    if (member != 0 && !record_.is_member(member)) place.store(0, std::memory_order_release);
  }
  bool more = false;
  for (const LockRecord::Holder& holder : record_.holders()) {
    if (holder.shared == 0) continue;
    std::atomic<SessionId>* empty = nullptr;
    bool placed = false;
    for (auto& place : members_) {
      const SessionId member = place.load(std::memory_order_relaxed);
      placed = placed || member == holder.session;
      if (member == 0 && empty == nullptr) empty = &place;
    }
    if (placed) continue;
    if (empty != nullptr) {
      empty->store(holder.session, std::memory_order_release);
    } else {
      more = true;
    }
  }
  more_members_.store(more, std::memory_order_release);

  const HeldElsewhere& elsewhere = shared_.held_elsewhere();
  LockState state = record_.state();
  if (elsewhere.exclusive) {
    state = LockState::exclusive;
  } else if (elsewhere.shared && state == LockState::none) {
    state = LockState::shared;
  }
  const SessionId owner = elsewhere.exclusive ? 0 : record_.exclusive_owner();
  held_elsewhere_.store(elsewhere.exclusive || elsewhere.shared, std::memory_order_release);
  gate_.store(gate_word(state, owner), std::memory_order_release);
}

void LockDomain::wake() {
  const MutexLock held(mutex_);
  for (Waiter* waiter : line_) waiter->condition.notify_one();
}

std::size_t LockDomain::waiting() const {
  const MutexLock held(mutex_);
  return static_cast<std::size_t>(std::count_if(
      line_.begin(), line_.end(), [](const Waiter* waiter) { return !waiter->answered; }));
}

std::string LockDomain::holder() const {
  if (const SessionId owner = record_.exclusive_owner(); owner != 0) {
    return "is locked exclusively by session " + hexadecimal(owner) + " of this process";
  }
  if (shared_.held_elsewhere().exclusive) return "is locked exclusively by " + shared_.holder();
  constexpr const char* kKeyOpens = ", which only its access key opens";
  if (!record_.holders().empty()) {
    return "is under a shared lock of " + std::to_string(record_.holders().size()) +
           " session(s) of this process" + kKeyOpens;
  }
  if (shared_.held_elsewhere().shared)
    return "is under a shared lock of " + shared_.holder() + kKeyOpens;
  return "is being handed to another request";
}

// The text for viStatusDesc: which resource, which session or process has it, what to do.
Status LockDomain::refuse(Status status, Call& call) const {
  switch (status) {
    case Status::error_rsrc_locked:
      return call.fail(status, name_ + " " + holder());
    case Status::error_tmo:
      return call.fail(status, name_ + " " + holder() + " and was not released in time");
    case Status::error_inv_access_key:
      return call.fail(status,
                       "the access key for " + name_ +
                           " is longer than 255 characters or not the one of the shared lock "
                           "this session already holds");
    case Status::error_abort:
      return call.fail(status, "waiting for " + name_ + " was ended by viTerminate or viClose");
    case Status::error_alloc:
      return call.fail(status,
                       name_ + (entered_ == SharedRecord::Outcome::too_many_processes
                                    ? " cannot be locked: too many processes of this computer "
                                      "hold or want locks"
                                    : " cannot be locked: the table of locks is full, because too "
                                      "many resources are locked"));
    default:
      return call.fail(status, name_ + " could not be locked");
  }
}

}  // namespace visa::locks
