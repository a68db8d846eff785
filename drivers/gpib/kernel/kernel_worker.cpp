// SPDX-License-Identifier: MIT
// Invariants: the queue holds at most the jobs of callers that still wait. The mutex of the board
// is given back between jobs only, and as soon as that is due, before any further job: a program
// that asks without a pause must not keep others from the board.
#include "drivers/gpib/kernel/kernel_worker.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "lib/base/fork_stamp.h"
#include "lib/base/quiet_thread.h"

namespace visa::drivers::gpib::kernel {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

Result<std::unique_ptr<KernelWorker>> KernelWorker::start(ChildClosedFd board, Call& call) {
  auto state = std::make_shared<State>(std::move(board));
  try {
    start_quiet_thread([state] { serve(*state); }).detach();
  } catch (const std::system_error&) {
    return call.fail(Status::error_alloc, "the system has no thread left for the GPIB board");
  }
  return std::unique_ptr<KernelWorker>(new KernelWorker(std::move(state)));
}

KernelWorker::KernelWorker(std::shared_ptr<State> state)
    : state_(std::move(state)), stamp_(fork_stamp()) {}

KernelWorker::~KernelWorker() {
  if (stamp_ != fork_stamp()) return;  // the mutex may be locked there for ever
  const MutexLock lock(state_->mutex);
  state_->quit = true;
  state_->work.notify_all();
}

void KernelWorker::serve(State& state) {
  MutexLock lock(state.mutex);
  for (;;) {
    const bool due = state.release_at && *state.release_at <= Clock::now();
    if (due || (state.quit && state.locked)) {
      state.release_at.reset();
      state.locked = false;
      lock.unlock();
      state.io.unlock();
      lock.lock();
    } else if (!state.queue.empty()) {
      const auto job = std::move(state.queue.front());
      state.queue.pop_front();
      state.running = job.get();
      lock.unlock();
      job->run(state.io);
      const bool locked = state.io.locked();
      lock.lock();
      state.running = nullptr;
      state.locked = locked;
      state.done.notify_all();
    } else if (state.quit) {
      break;
    } else {
      lock.wait_until(state.work, state.release_at.value_or(Clock::time_point::max()));
    }
  }
  state.ended = true;
  state.done.notify_all();
}

bool KernelWorker::waiting(const State& state, const Job* job) {
  if (state.running == job) return true;
  return std::any_of(state.queue.begin(), state.queue.end(),
                     [job](const auto& one) { return one.get() == job; });
}

void KernelWorker::give_up(State& state, const std::shared_ptr<Job>& job) {
  job->given_up.store(true, std::memory_order_release);
  const auto at = std::find(state.queue.begin(), state.queue.end(), job);
  if (at != state.queue.end()) state.queue.erase(at);
}

Status KernelWorker::run(const std::shared_ptr<Job>& job, Call& call,
                         std::chrono::milliseconds grace) {
  State& state = *state_;
  MutexLock lock(state.mutex);
  // A destructor, so that a thread that is ended by force leaves nothing that waits for it.
  struct Leaving {
    State& state;
    const std::shared_ptr<Job>& job;
    ~Leaving() VISA_NO_THREAD_SAFETY_ANALYSIS { give_up(state, job); }
  };
  state.queue.push_back(job);
  const Leaving leaving{state, job};
  state.work.notify_all();
  const Deadline until = call.deadline.is_infinite()
                             ? call.deadline
                             : Deadline::at(Clock::now() + call.deadline.remaining() + grace);
  while (waiting(state, job.get())) {
    if (call.cancelled()) return Status::error_abort;
    if (until.expired()) return Status::error_tmo;
    state.done.wait_until(lock, until.time_point(), call);
  }
  return Status::success;
}

void KernelWorker::release(std::chrono::milliseconds time) {
  const MutexLock lock(state_->mutex);
  state_->release_at = Clock::now() + time;
  state_->work.notify_all();
}

bool KernelWorker::keep() {
  const MutexLock lock(state_->mutex);
  if (!state_->release_at || *state_->release_at <= Clock::now()) return false;
  state_->release_at.reset();
  return state_->locked;
}

void KernelWorker::stop(Call& call) noexcept {
  MutexLock lock(state_->mutex);
  state_->quit = true;
  state_->work.notify_all();
  while (!state_->ended && !call.cancelled() && !call.deadline.expired()) {
    state_->done.wait_until(lock, call.deadline.time_point(), call);
  }
}

void KernelWorker::wake() noexcept {
  const MutexLock lock(state_->mutex);
  state_->done.notify_all();
}

}  // namespace visa::drivers::gpib::kernel
