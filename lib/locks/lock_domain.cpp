// SPDX-License-Identifier: MIT
// Hand-over: whoever changes the record answers, before it leaves the mutex, every waiting request
// that the rules now grant or refuse, oldest first. So the resource is never free while somebody
// waits, a newcomer cannot overtake the line, and a waiter wakes only when its answer is there, its
// time is over or its call was cancelled.
//
// The waits are cancellation points (pthread_cancel unwinds through them), hence nothing here is
// noexcept and a place in line is given up by a destructor.
#include "lib/locks/lock_domain.h"

#include <algorithm>
#include <charconv>

#include "lib/locks/access_key.h"

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

/// A request that is being served, on the stack of the thread that makes it.
struct LockDomain::Waiter {
  SessionId session;
  LockKind kind;
  std::string_view requested_key;  // the caller's, who is inside lock() meanwhile; "" for none
  std::string founding_key{};      // the group's key, if this request founds the group
  std::string key{};               // the answer of 3.6.20: "" for exclusive
  bool answered = false;
  Status answer = Status::success;
  std::condition_variable condition{};
};

/// A waiter's entry in the line, taken back when the thread leaves by whatever way.
class LockDomain::PlaceInLine {
 public:
  PlaceInLine(std::list<Waiter*>& line, Waiter& waiter) : line_(line) {
    place_ = line_.insert(line_.end(), &waiter);
  }
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  ~PlaceInLine() { line_.erase(place_); }

 private:
  std::list<Waiter*>& line_;
  std::list<Waiter*>::iterator place_;
};

LockDomain::Granted LockDomain::lock(SessionId session, LockKind kind,
                                     std::optional<std::string_view> requested_key, Call& call) {
  const bool shared = kind == LockKind::shared;
  const std::string_view key = shared ? requested_key.value_or("") : "";  // 3.6.13, OBS 3.6.4

  MutexLock held(mutex_);
  // Under the mutex, so that a call cancelled before release_all() can get nothing after it.
  if (call.cancelled()) return {refuse(Status::error_abort, call), {}};
  const Verdict verdict = record_.judge(session, kind, key);
  if (verdict.outcome == Verdict::Outcome::refused) return {refuse(verdict.status, call), {}};

  const bool waits = verdict.outcome == Verdict::Outcome::wait;
  if (waits && call.deadline.is_immediate()) {
    return {refuse(Status::error_rsrc_locked, call), {}};  // 3.6.23
  }

  Waiter request{session, kind, key};
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
  record_.make_room(line_.size() + 1);  // from here on a grant, by hand-over too, allocates nothing

  if (waits) {
    const Status status = wait_in_line(request, call, held);
    if (failed(status)) return {refuse(status, call), {}};
  } else {
    give(request, verdict.status);
    settle_line();
    publish();
  }
  return {request.answer, std::move(request.key)};
}

Status LockDomain::wait_in_line(Waiter& waiter, Call& call, MutexLock& held) {
  const PlaceInLine place(line_, waiter);
  while (!waiter.answered) {
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) return Status::error_tmo;  // 3.6.22: not a moment earlier
    held.wait_until(waiter.condition, call.deadline.time_point());
  }
  return waiter.answer;
}

void LockDomain::give(Waiter& waiter, Status status) {
  record_.grant(waiter.session, waiter.kind, std::move(waiter.founding_key));
  if (waiter.kind == LockKind::shared) waiter.key.assign(record_.key());
  waiter.answer = status;
  waiter.answered = true;
}

// Until nothing changes: a grant to one request of a session can decide an older one of the same
// session (a second thread of it joins the group, the first waits to go over it exclusively).
void LockDomain::settle_line() {
  for (bool changed = true; changed;) {
    changed = false;
    for (Waiter* waiter : line_) {
      if (waiter->answered) continue;
      const Verdict verdict = record_.judge(waiter->session, waiter->kind, waiter->requested_key);
      if (verdict.outcome == Verdict::Outcome::wait) continue;
      if (verdict.outcome == Verdict::Outcome::granted) {
        give(*waiter, verdict.status);
      } else {
        waiter->answer = verdict.status;
        waiter->answered = true;
      }
      waiter->condition.notify_one();
      changed = true;
    }
  }
}

Status LockDomain::unlock(SessionId session) {
  const MutexLock held(mutex_);
  const Status status = record_.release_one(session);
  if (ok(status)) {
    settle_line();
    publish();
  }
  return status;
}

void LockDomain::release_all(SessionId session) {
  const MutexLock held(mutex_);
  for (Waiter* waiter : line_) {
    if (waiter->session != session || waiter->answered) continue;
    waiter->answered = true;
    waiter->answer = Status::error_abort;
    waiter->condition.notify_one();
  }
  if (!record_.release_all(session)) return;
  settle_line();
  publish();
}

bool LockDomain::may_pass(SessionId session) const noexcept {
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

LockState LockDomain::state() const noexcept {
  return static_cast<LockState>(gate_.load(std::memory_order_acquire) >> 32);  // 3.6.24, 3.6.25
}

// A member keeps its place while it belongs to the group, so that its own threads, which read
// without the mutex, never miss it. The places are written before the gate that sends readers to
// them.
void LockDomain::publish() noexcept {
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
  gate_.store(gate_word(record_.state(), record_.exclusive_owner()), std::memory_order_release);
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

// For the text of viStatusDesc: which resource, who has it, what to do.
Status LockDomain::refuse(Status status, Call& call) const {
  const SessionId owner = record_.exclusive_owner();
  const std::string holder =
      owner != 0 ? "is locked exclusively by session " + hexadecimal(owner) + " of this process"
                 : "is under a shared lock of " + std::to_string(record_.holders().size()) +
                       " session(s) of this process, which only its access key opens";
  switch (status) {
    case Status::error_rsrc_locked:
      return call.fail(status, name_ + " " + holder);
    case Status::error_tmo:
      return call.fail(status, name_ + " " + holder + " and was not released in time");
    case Status::error_inv_access_key:
      return call.fail(status,
                       "the access key for " + name_ +
                           " is longer than 255 characters or not the one of the shared lock "
                           "this session already holds");
    case Status::error_abort:
      return call.fail(status, "waiting for " + name_ + " was ended by viTerminate or viClose");
    default:
      return call.fail(status, name_ + " could not be locked");
  }
}

}  // namespace visa::locks
