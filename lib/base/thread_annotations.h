// SPDX-License-Identifier: MIT
// Ties a mutex to what it guards so that clang's -Wthread-safety checks it (style rule 19). `Mutex`
// and `MutexLock` are std::mutex with the annotations; `MutexLock` also serves condition variables.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define VISA_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define VISA_THREAD_ANNOTATION(x)
#endif

#define VISA_CAPABILITY(x) VISA_THREAD_ANNOTATION(capability(x))
#define VISA_SCOPED_CAPABILITY VISA_THREAD_ANNOTATION(scoped_lockable)
#define VISA_GUARDED_BY(x) VISA_THREAD_ANNOTATION(guarded_by(x))
#define VISA_REQUIRES(...) VISA_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define VISA_EXCLUDES(...) VISA_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define VISA_ACQUIRE(...) VISA_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define VISA_RELEASE(...) VISA_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define VISA_NO_THREAD_SAFETY_ANALYSIS VISA_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace visa {

class VISA_CAPABILITY("mutex") Mutex {
 public:
  void lock() VISA_ACQUIRE() { mutex_.lock(); }
  void unlock() VISA_RELEASE() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

class VISA_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) VISA_ACQUIRE(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() VISA_RELEASE() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void wait(std::condition_variable& condition) { condition.wait(lock_); }

  /// False when `when` came first. `when` may be time_point::max(): waits without a limit.
  bool wait_until(std::condition_variable& condition, std::chrono::steady_clock::time_point when) {
    if (when == std::chrono::steady_clock::time_point::max()) {
      condition.wait(lock_);
      return true;
    }
    return condition.wait_until(lock_, when) == std::cv_status::no_timeout;
  }

  void unlock() VISA_RELEASE() { lock_.unlock(); }
  void lock() VISA_ACQUIRE() { lock_.lock(); }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace visa
