// SPDX-License-Identifier: MIT
// The asynchronous jobs of one session in one direction (viReadAsync or viWriteAsync): done in the
// order they were asked for, by one thread that is made with the first of them. Every accepted job
// completes exactly once. Shared by its session and that thread. Any thread; no lock is held while
// a job runs or its completion is delivered.
#pragma once

#include <visa.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"
#include "lib/core/transfer.h"

namespace visa::core {

/// One asynchronous transfer.
struct Job {
  ViJobId id = 0;
  /// Does it; `call` has no deadline yet, the transfer sets its own when it begins.
  std::function<Transfer(Call& call)> run;
  /// Delivers VI_EVENT_IO_COMPLETION.
  std::function<void(const Transfer& done)> complete;
  Call call{Deadline::infinite()};
  /// Why it failed, for the trace; empty while the trace is off.
  std::string detail;
};

class JobQueue : public std::enable_shared_from_this<JobQueue> {
 public:
  /// Jobs that may wait; one more is refused (VI_ERROR_QUEUE_ERROR).
  static constexpr std::size_t kMostJobs = 4096;

  JobQueue() = default;
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// error_queue_error: too many jobs wait, or the system gives no thread. error_inv_object:
  /// closing.
  Status submit(std::unique_ptr<Job> job) VISA_EXCLUDES(mutex_);

  /// Tells the job to end; true when it was there. `wake` makes a transfer in progress notice. When
  /// this returns true, its completion has been delivered, or it did not end within two seconds.
  bool terminate(ViJobId id, const std::function<void()>& wake) VISA_EXCLUDES(mutex_);

  /// The same for all jobs there are now, without waiting.
  void cancel_all() VISA_EXCLUDES(mutex_);

  /// viClose, in two steps. Tells all jobs to end and refuses further ones.
  void end() VISA_EXCLUDES(mutex_);
  /// Waits until the last has completed, `grace` at most: a transfer that does not come back keeps
  /// its thread, which ends with it.
  void join(Deadline grace) VISA_EXCLUDES(mutex_);

  /// A number no job of this process had before; never 0.
  static ViJobId next_id() noexcept;

 private:
  void work();

  Mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> waiting_ VISA_GUARDED_BY(mutex_);
  Job* running_ VISA_GUARDED_BY(mutex_) = nullptr;
  bool completing_ VISA_GUARDED_BY(mutex_) = false;  // running_ is over but for its completion
  std::thread thread_ VISA_GUARDED_BY(mutex_);
  bool closing_ VISA_GUARDED_BY(mutex_) = false;
};

}  // namespace visa::core
