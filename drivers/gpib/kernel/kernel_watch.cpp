// SPDX-License-Identifier: MIT
// SRQI is a level, and so are CIC, TACS and LACS: the first is reported as it is, of the others
// the changes. A wait cannot end when a level falls, so that changes are looked for now and then.
#include "drivers/gpib/kernel/kernel_watch.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "drivers/gpib/kernel/kernel_abi.h"
#include "drivers/gpib/kernel/kernel_error.h"

namespace visa::drivers::gpib::kernel {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr BusEvents kQueued = BusEvents::clear | BusEvents::trigger;
constexpr BusEvents kChanges = BusEvents::controller | BusEvents::talk | BusEvents::listen;
constexpr milliseconds kPieceOfWait{1000};
constexpr milliseconds kPieceForChanges{100};
constexpr milliseconds kGoodbye{20};

/// How long a single wait may take, in the kernel's unit; 0 would be without a limit.
std::uint32_t time_for(BusEvents wanted, Deadline until) {
  const microseconds most = any(wanted & kChanges) ? kPieceForChanges : kPieceOfWait;
  if (until.is_infinite()) return static_cast<std::uint32_t>(most.count());
  const auto left = std::chrono::ceil<microseconds>(until.remaining());
  return static_cast<std::uint32_t>(std::clamp(left, microseconds(1), most).count());
}

std::int32_t mask_for(BusEvents wanted, std::int32_t status) noexcept {
  std::int32_t mask = kTimedOut;
  if (any(wanted & BusEvents::service)) mask |= kServiceRequest;
  if (any(wanted & kQueued)) mask |= kEventPending;
  std::int32_t levels = 0;
  if (any(wanted & BusEvents::controller)) levels |= kControllerInCharge;
  if (any(wanted & BusEvents::talk)) levels |= kTalker;
  if (any(wanted & BusEvents::listen)) levels |= kListener;
  return mask | (levels & ~status);
}

}  // namespace

/// IBWAIT, then everything from the queue of events.
class KernelWatch::WaitJob final : public BoardJob {
 public:
  WaitJob(std::int32_t mask, std::uint32_t time, Deadline until) : BoardJob(until, Needs::nothing) {
    wait_.mask = mask;
    wait_.microseconds = time;
  }
  Seen seen;

 private:
  void act(KernelIo& io, const Patience& patience) override {
    moved.error = io.ask(kWait, &wait_);
    if (moved.error == EINTR) {  // nothing has happened yet
      wait_.mask = 0;
      moved.error = io.ask(kWait, &wait_);
    }
    seen.status = wait_.status;
    // The events are for a caller that is still there.
    if (patience.given_up.load(std::memory_order_acquire)) return;
    for (int left = kMostEvents; moved.error == 0 && (seen.status & kEventPending) != 0; --left) {
      std::int16_t event = kNoEvent;
      const int error = io.ask(kEvent, &event);
      if (event == kTriggerEvent) seen.happened = seen.happened | BusEvents::trigger;
      if (event == kClearEvent) seen.happened = seen.happened | BusEvents::clear;
      // EPIPE: some were lost; the kernel says so once.
      if (left == 0 || (error != 0 && error != EPIPE) || (error == 0 && event == kNoEvent)) break;
    }
  }
  static constexpr int kMostEvents = 1024;  // the kernel keeps no more
  Wait wait_;
};

Result<ChildClosedFd> open_node(const std::string& path, Call& call) {
  auto fd = ChildClosedFd::made_by([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC); });
  if (!fd) return failure(Step::open, errno, path, call);
  return fd;
}

Result<KernelWorker*> KernelWatch::worker(Call& call) {
  const MutexLock lock(mutex_);
  if (worker_ != nullptr) return worker_.get();
  auto fd = open_node(path_, call);
  if (!fd) return fd.status();
  auto made = KernelWorker::start(*std::move(fd), call);
  if (!made) return made.status();
  worker_ = *std::move(made);
  return worker_.get();
}

Result<KernelWatch::Seen> KernelWatch::look(std::int32_t mask, std::uint32_t microseconds,
                                            Call& call) {
  const auto thread = worker(call);
  if (!thread) return thread.status();
  const auto job = std::make_shared<WaitJob>(mask, microseconds, call.deadline);
  const Status status = (*thread)->run(job, call, kPieceForChanges);
  if (failed(status)) return status;
  if (job->moved.error != 0) return failure(Step::wait, job->moved.error, path_, call);
  if ((job->seen.status & ~kStatusBits) != 0) return failure(Step::wait, ENODEV, path_, call);
  return job->seen;
}

BusEvents KernelWatch::compare(const Seen& now, BusEvents wanted) noexcept {
  const std::int32_t before = std::exchange(status_, now.status);
  const bool compared = std::exchange(known_, true);
  const std::int32_t changed = compared ? before ^ now.status : 0;
  BusEvents events = now.happened;
  if ((now.status & kServiceRequest) != 0) events = events | BusEvents::service;
  if ((changed & kControllerInCharge) != 0) events = events | BusEvents::controller;
  if ((changed & now.status & kTalker) != 0) events = events | BusEvents::talk;
  if ((changed & now.status & kListener) != 0) events = events | BusEvents::listen;
  return events & wanted;
}

Result<BusEvents> KernelWatch::wait(BusEvents wanted, Call& call) {
  for (;;) {
    if (call.cancelled()) return Status::error_abort;
    const bool first = !known_;
    const bool once = first || call.deadline.is_immediate();
    const auto seen = look(once ? 0 : mask_for(wanted, status_),
                           once ? 1 : time_for(wanted, call.deadline), call);
    if (!seen) return seen.status();
    const BusEvents events = compare(*seen, wanted);
    if (any(events)) return events;
    if (call.deadline.expired()) return Status::error_tmo;
  }
}

void KernelWatch::wake() noexcept {
  const MutexLock lock(mutex_);
  if (worker_ != nullptr) worker_->wake();
}

void KernelWatch::close(Call& call) noexcept {
  const MutexLock lock(mutex_);
  if (worker_ == nullptr) return;
  // A wait that was left ends by itself, and with it the thread.
  Call brief(std::min(call.deadline, Deadline::after(kGoodbye)));
  worker_->stop(brief);
}

}  // namespace visa::drivers::gpib::kernel
