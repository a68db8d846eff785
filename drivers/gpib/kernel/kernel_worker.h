// SPDX-License-Identifier: MIT
// The thread that talks to one kernel board. It exists because of two facts: the board's mutex
// (IBMUTEX) belongs to the thread that took it, and a thread that waits for it, while another
// program has it, can be got out by nothing but a signal. So a caller hands over what is to be
// done and waits here, until its deadline or a cancel; a request that cannot be ended goes on
// without it. All memory that the kernel touches belongs to the job.
//
// Owned by a controller; any thread may call the methods. When the owner goes, the thread ends
// with the request it is in; it then frees the rest.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "drivers/gpib/kernel/kernel_io.h"
#include "lib/base/call.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/condition.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::gpib::kernel {

/// Something to do with the board, shared by its caller and the thread.
class Job {
 public:
  virtual ~Job() = default;
  /// On the worker's thread.
  virtual void run(KernelIo& io) = 0;
  /// The caller has left. What is not begun then is not done.
  std::atomic<bool> given_up{false};
};

class KernelWorker {
 public:
  /// Starts the thread on an open board. error_alloc: the system has none left.
  static Result<std::unique_ptr<KernelWorker>> start(ChildClosedFd board, Call& call);
  KernelWorker(const KernelWorker&) = delete;
  KernelWorker& operator=(const KernelWorker&) = delete;
  /// Asks the thread to end, and leaves it.
  ~KernelWorker();

  /// Runs `job` after those that were given up before it. success: it has run. error_abort; after
  /// the deadline and `grace`, error_tmo: it has not run, or goes on without its caller.
  Status run(const std::shared_ptr<Job>& job, Call& call, std::chrono::milliseconds grace);

  /// The mutex is to be given back once `time` has passed, unless keep() comes first. Does not
  /// wait.
  void release(std::chrono::milliseconds time);
  /// Takes release() back. True if the thread has had the mutex all the time since then.
  bool keep();

  /// Gives the mutex back at once and ends the thread; waits for that until the deadline.
  void stop(Call& call) noexcept;

  void wake() noexcept;

 private:
  struct State {
    explicit State(ChildClosedFd fd) : board(std::move(fd)), io(board.get()) {}
    const ChildClosedFd board;
    KernelIo io;  // used by the thread alone
    Mutex mutex;
    std::condition_variable work;  // for the thread
    Condition done;                // for callers
    std::deque<std::shared_ptr<Job>> queue VISA_GUARDED_BY(mutex);
    const Job* running VISA_GUARDED_BY(mutex) = nullptr;
    std::optional<std::chrono::steady_clock::time_point> release_at VISA_GUARDED_BY(mutex);
    bool locked VISA_GUARDED_BY(mutex) = false;
    bool quit VISA_GUARDED_BY(mutex) = false;
    bool ended VISA_GUARDED_BY(mutex) = false;
  };

  explicit KernelWorker(std::shared_ptr<State> state);
  static void serve(State& state);
  static bool waiting(const State& state, const Job* job) VISA_REQUIRES(state.mutex);
  static void give_up(State& state, const std::shared_ptr<Job>& job) VISA_REQUIRES(state.mutex);

  const std::shared_ptr<State> state_;
  const std::uint32_t stamp_;  // a child of fork has no such thread
};

}  // namespace visa::drivers::gpib::kernel
