// SPDX-License-Identifier: MIT
// The line of a LockDomain. A lock released in this process is handed on at once. A lock that
// another process releases, or loses by its death, is found by polling: the pauses grow with the
// time waited, up to kLongestPause. Inside this process the oldest request goes first. Among
// processes a younger request lets the oldest go first for some milliseconds
// (SharedRecord::Entry::has_to_yield), so that none starves.
#include <algorithm>
#include <chrono>

#include "lib/locks/lock_domain.h"
#include "lib/locks/lock_waiter.h"

namespace visa::locks {
namespace {

using std::chrono::microseconds;
using Clock = Deadline::Clock;

// The promise is 20 ms from release to grant; the rest is left to the scheduler.
constexpr microseconds kShortestPause{100};
constexpr microseconds kLongestPause{8000};
// How long an immediate request retries while another process holds the guard of the record.
constexpr microseconds kPatience{50000};

}  // namespace

/// A waiter's entry in the line. The destructor removes it, even when the thread is cancelled. A
/// thread that was cancelled after the grant never learns of its lock, so the destructor gives that
/// lock back.
class LockDomain::PlaceInLine {
 public:
  PlaceInLine(LockDomain& domain, Waiter& waiter) VISA_REQUIRES(domain.mutex_)
      : domain_(domain), waiter_(waiter) {
    place_ = domain.line_.insert(domain.line_.end(), &waiter);
  }
  PlaceInLine(const PlaceInLine&) = delete;
  PlaceInLine& operator=(const PlaceInLine&) = delete;
  // The mutex is held here too, which the analysis cannot see in a destructor.
  ~PlaceInLine() VISA_NO_THREAD_SAFETY_ANALYSIS {
    domain_.line_.erase(place_);
    if (domain_.line_.empty()) domain_.shared_.withdraw_wish();
    const bool lost = waiter_.answered && ok(waiter_.answer) && !taken_;
    if (lost) domain_.hand_on(domain_.record_.release(waiter_.session, waiter_.kind));
  }

  /// The waiter's answer, which the waiting thread now knows.
  Status take() {
    taken_ = true;
    return waiter_.answer;
  }

 private:
  LockDomain& domain_;
  Waiter& waiter_;
  std::list<Waiter*>::iterator place_;
  bool taken_ = false;
};

Status LockDomain::wait_in_line(Waiter& waiter, Call& call, MutexLock& held) {
  PlaceInLine place(*this, waiter);
  serve();
  if (waiter.answered) return place.take();
  const auto start = Clock::now();
  for (;;) {
    const auto now = Clock::now();
    if (waiter.answered) return place.take();
    if (call.cancelled()) return Status::error_abort;
    const bool busy = entered_ == SharedRecord::Outcome::busy;
    if (waiter.immediate) {
      if (!busy || now - start > kPatience) return Status::error_rsrc_locked;  // 3.6.23
    } else if (call.deadline.expired()) {
      return Status::error_tmo;  // 3.6.22: not a moment earlier
    }

    auto until = waiter.immediate ? Clock::time_point::max() : call.deadline.time_point();
    Clock::duration pause = kShortestPause;
    if (shared_.attached()) {
      if (!busy) pause = std::clamp<Clock::duration>((now - start) / 4, pause, kLongestPause);
      until = std::min(until, now + pause);
    }
    waiter.condition.wait_until(held, until, call);
    // One waiter polls for all of this domain.
    if (!waiter.answered && shared_.attached() && Clock::now() - served_ >= pause / 2) {
      renew_unlocked(held);
      serve();
    }
  }
}

// Without the mutex, which transfers need. Nothing here can end the thread or throw, so the
// caller's place in line is safe. The analysis does not see which mutex `held` is.
void LockDomain::renew_unlocked(MutexLock& held) VISA_NO_THREAD_SAFETY_ANALYSIS {
  held.unlock();
  shared_.renew();
  held.lock();
}

void LockDomain::give(Waiter& waiter, Status status) {
  record_.grant(waiter.session, waiter.kind, std::move(waiter.founding_key));
  if (waiter.kind == LockKind::shared) waiter.key.assign(record_.key());
  waiter.answer = status;
  waiter.answered = true;
}

void LockDomain::answer(Waiter& waiter, Status status) {
  waiter.answer = status;
  waiter.answered = true;
  waiter.condition.notify_one();
}

bool LockDomain::wants_more_than_this_process_knows() const {
  for (const Waiter* waiter : line_) {
    if (waiter->answered) continue;
    const Verdict verdict = record_.judge(waiter->session, waiter->kind, waiter->requested_key);
    if (verdict.outcome == Verdict::Outcome::granted && verdict.status == Status::success) {
      return true;
    }
  }
  return false;
}

void LockDomain::serve() {
  served_ = Clock::now();
  entered_ = SharedRecord::Outcome::detached;
  if (shared_.attached() && wants_more_than_this_process_knows()) {
    SharedRecord::Entry entry(shared_);
    entered_ = entry.outcome();
    if (entered_ == SharedRecord::Outcome::inside) {
      settle_line(&entry);
      entry.publish(oldest_wish());
      publish();
      return;
    }
  }
  settle_line(nullptr);
  publish();
}

// Repeats until nothing changes: a grant to one request of a session can decide an older request of
// the same session (its second thread joins the group while its first waits for an exclusive lock
// over the group).
void LockDomain::settle_line(SharedRecord::Entry* entry) {
  for (bool changed = true; changed;) {
    changed = false;
    for (Waiter* waiter : line_) {
      if (!waiter->answered && settle_one(*waiter, entry)) changed = true;
    }
  }
}

/// Answers the request if the rules can; true if it has its answer now.
bool LockDomain::settle_one(Waiter& waiter, SharedRecord::Entry* entry) {
  const HeldElsewhere elsewhere = entry != nullptr ? entry->held_elsewhere() : HeldElsewhere{};
  const Verdict verdict =
      record_.judge(waiter.session, waiter.kind, waiter.requested_key, elsewhere);
  if (verdict.outcome == Verdict::Outcome::wait) return false;
  if (verdict.outcome == Verdict::Outcome::refused) {
    answer(waiter, verdict.status);
    return true;
  }
  if (verdict.status == Status::success) {  // a new holder
    if (entered_ == SharedRecord::Outcome::busy) return false;
    if (entered_ == SharedRecord::Outcome::too_many_processes ||
        entered_ == SharedRecord::Outcome::too_many_resources) {
      answer(waiter, Status::error_alloc);
      return true;
    }
    const bool joins =
        waiter.kind == LockKind::shared && (elsewhere.shared || !record_.holders().empty());
    if (entry != nullptr && !joins && entry->has_to_yield(wish_of(waiter))) return false;
  }
  give(waiter, verdict.status);
  waiter.condition.notify_one();
  return true;
}

SharedRecord::Wish LockDomain::wish_of(const Waiter& waiter) const {
  // What a member of a group waits for, only members can get; a free resource any session can.
  const bool group = !record_.holders().empty() || shared_.held_elsewhere().shared;
  return {waiter.since, group && record_.is_member(waiter.session)};
}

std::optional<SharedRecord::Wish> LockDomain::oldest_wish() const {
  std::optional<SharedRecord::Wish> wish;
  for (const Waiter* waiter : line_) {
    if (waiter->answered || waiter->immediate) continue;
    if (!wish) wish = SharedRecord::Wish{waiter->since, false};
    wish->member = wish->member || record_.is_member(waiter->session);
  }
  return wish;
}

}  // namespace visa::locks
