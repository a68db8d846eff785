// SPDX-License-Identifier: MIT
// A thread that waits for one late answer while the program makes no call. It runs only while the
// answer to a device_lock is owed: a lock that is granted too late would shut out every other
// computer until the program uses or closes this session. Usually it does not exist. Owned by a
// link; any thread.
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

  /// `wake` must make a running body check its call, which has been cancelled.
  explicit LateWatch(Wake wake) : wake_(std::move(wake)) {}
  ~LateWatch();
  LateWatch(const LateWatch&) = delete;
  LateWatch& operator=(const LateWatch&) = delete;

  /// Runs `body` on a thread of its own, without a deadline; first ends a body that is running.
  /// Does nothing if the system gives no thread.
  void start(Body body) VISA_EXCLUDES(mutex_);

  /// Cancels the body and waits for its end. True if there was one.
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
