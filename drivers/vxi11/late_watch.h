// SPDX-License-Identifier: MIT
// A thread that waits for one late answer while the program makes no call: only for a device_lock
// that is still owed, because a lock granted too late would shut out every other computer until
// somebody uses or closes this session. Nearly always there is none. Owned by a link; any thread.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"

namespace visa::drivers::vxi11 {

class LateWatch {
 public:
  using Body = std::function<void(Call&)>;
  using Wake = std::function<void()>;

  /// `wake` makes a body in progress look at its call, which has been cancelled.
  explicit LateWatch(Wake wake) : wake_(std::move(wake)) {}
  ~LateWatch();
  LateWatch(const LateWatch&) = delete;
  LateWatch& operator=(const LateWatch&) = delete;

  /// Runs `body` on a thread of its own, without a deadline, in place of one that runs already.
  /// Does nothing where there is no thread to be had.
  void start(Body body) VISA_EXCLUDES(mutex_);

  /// Cancels the body and waits for its end. Whether there was one.
  bool dismiss() noexcept VISA_EXCLUDES(mutex_);

 private:
  struct Running {
    Call call{Deadline::infinite()};
    std::thread thread;
  };

  bool end() noexcept VISA_REQUIRES(mutex_);

  const Wake wake_;
  Mutex mutex_;
  std::unique_ptr<Running> running_ VISA_GUARDED_BY(mutex_);
};

}  // namespace visa::drivers::vxi11
