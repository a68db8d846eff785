// SPDX-License-Identifier: MIT
// Invariant: a job is in waiting_, or is running_, or its completion was delivered. A job that is
// told to end while it waits completes in its turn, at once, because its token is set when it
// begins.
#include "lib/core/job_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <new>
#include <system_error>
#include <utility>

#include "lib/base/log.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/run_guarded.h"

namespace visa::core {
namespace {

using namespace std::chrono_literals;

constexpr auto kGrace = 2s;

// An exception that left the job thread would end the process.
Transfer run(Job& job) {
  Transfer done;
  run_guarded([&] { done = job.run(job.call); },
              [&](Thrown what) {
                if (what == Thrown::no_memory) {
                  done = {Status::error_alloc, 0};
                  return;
                }
                log::line(
                    "an asynchronous transfer: a defect of FreeVISA, please report it: "
                    "exception");
                done = {Status::error_system_error, 0};
              });
  return done;
}

void finish(const Job& job, const Transfer& done) {
  run_guarded([&] { job.complete(done); },
              [](Thrown) {
                log::line("the completion of an asynchronous transfer was lost: no memory for it");
              });
}

}  // namespace

JobQueue::~JobQueue() {
  // Only where close() was not called and the thread, which holds the queue, has ended.
  if (thread_.joinable()) thread_.detach();
}

ViJobId JobQueue::next_id() noexcept {
  // Not 1, 2, 3: a number counted by somebody else is no job. PyVISA's tests count on it for 1.
  static std::atomic<ViJobId> counter{0x10001};
  for (;;) {
    const auto id = counter.fetch_add(1, std::memory_order_relaxed);
    if (id != 0) return id;
  }
}

Status JobQueue::submit(std::unique_ptr<Job> job) {
  const MutexLock lock(mutex_);
  if (closing_) return Status::error_inv_object;
  if (waiting_.size() >= kMostJobs) return Status::error_queue_error;
  if (!thread_.joinable()) {
    try {
      thread_ = start_quiet_thread([queue = shared_from_this()] { queue->work(); });
    } catch (const std::system_error&) {
      return Status::error_queue_error;
    }
  }
  waiting_.push_back(std::move(job));
  changed_.notify_all();
  return Status::success;
}

void JobQueue::work() {
  for (;;) {
    std::unique_ptr<Job> job;
    {
      MutexLock lock(mutex_);
      while (waiting_.empty() && !closing_) lock.wait(changed_);
      if (waiting_.empty()) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
      running_ = job.get();
    }
    const auto done = job->call.cancelled() ? Transfer{Status::error_abort, 0} : run(*job);
    MutexLock lock(mutex_);
    // From here on viTerminate finds it finished, as does a program that has seen its event.
    completing_ = true;
    lock.unlock();
    finish(*job, done);
    lock.lock();
    running_ = nullptr;
    completing_ = false;
    changed_.notify_all();
  }
}

bool JobQueue::terminate(ViJobId id, const std::function<void()>& wake) {
  const auto until = Deadline::after(kGrace);
  MutexLock lock(mutex_);
  const auto place = std::find_if(waiting_.begin(), waiting_.end(),
                                  [id](const auto& entry) { return entry->id == id; });
  if (place != waiting_.end()) {
    // Out of its turn: those before it may take their time.
    const auto ended = std::move(*place);
    waiting_.erase(place);
    lock.unlock();
    finish(*ended, {Status::error_abort, 0});
    return true;
  }
  const auto runs = [&]()
                        VISA_REQUIRES(mutex_) { return running_ != nullptr && running_->id == id; };
  if (!runs() || completing_) return false;
  running_->call.cancel();
  lock.unlock();
  wake();
  lock.lock();
  while (runs() && !until.expired()) lock.wait_until(changed_, until.time_point());
  return true;
}

void JobQueue::cancel_all() {
  const MutexLock lock(mutex_);
  if (running_ != nullptr) running_->call.cancel();
  for (const auto& job : waiting_) job->call.cancel();
}

void JobQueue::end() {
  const MutexLock lock(mutex_);
  closing_ = true;
  if (running_ != nullptr) running_->call.cancel();
  for (const auto& job : waiting_) job->call.cancel();
  changed_.notify_all();
}

void JobQueue::join(Deadline grace) {
  std::thread thread;
  bool over = true;
  {
    MutexLock lock(mutex_);
    while (over && (running_ != nullptr || !waiting_.empty())) {
      over = !grace.expired();
      if (over) lock.wait_until(changed_, grace.time_point());
    }
    thread = std::move(thread_);
  }
  if (!thread.joinable()) return;
  if (over) {
    thread.join();
  } else {
    thread.detach();
  }
}

}  // namespace visa::core
