// SPDX-License-Identifier: MIT
// Invariant: no notification is lost. A sleeping thread counts itself, then the kernel compares
// changes_ with the value that was read under the mutex; a notifying thread adds to changes_, then
// looks for sleepers. So either the kernel sees the new value, or the notifying thread sees the
// sleeper.
#include "lib/base/condition.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace visa {
namespace {

// A futex that sleeps without a limit is restarted by the kernel after a handler with SA_RESTART;
// one with a limit ends with EINTR.
constexpr std::chrono::hours kLongest{1};

// Where the kernel has no such call (32 bits, before Linux 5.1) the notification is looked for.
constexpr std::chrono::milliseconds kLook{20};

// timespec has 64-bit seconds on every machine (_TIME_BITS), which the older call does not take
// on 32.
#if defined(SYS_futex_time64) && (!defined(SYS_futex) || __SIZEOF_LONG__ == 4)
constexpr long kFutexCall = SYS_futex_time64;
#else
constexpr long kFutexCall = SYS_futex;
#endif

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

timespec as_timespec(Condition::TimePoint when) {
  const auto since = when.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  timespec time{};
  time.tv_sec = static_cast<time_t>(seconds.count());
  time.tv_nsec = static_cast<long>(std::chrono::nanoseconds(since - seconds).count());
  return time;
}

}  // namespace

void Condition::sleep_until(MutexLock& lock, TimePoint when,
                            const Call& call) VISA_NO_THREAD_SAFETY_ANALYSIS {
  const timespec until = as_timespec(std::min(when, std::chrono::steady_clock::now() + kLongest));
  const std::uint32_t seen = changes_.load();
  sleepers_.fetch_add(1);
  lock.unlock();
  const long slept = ::syscall(kFutexCall, &changes_, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, seen,
                               &until, nullptr, FUTEX_BITSET_MATCH_ANY);
  const int error = slept == 0 ? 0 : errno;
  lock.lock();
  sleepers_.fetch_sub(1);
  if (error == EINTR) {
    call.interrupted();
  } else if (error == ENOSYS) {
    lock.wait_until(condition_, std::min(when, std::chrono::steady_clock::now() + kLook));
  }
}

void Condition::wake_all() noexcept {
  ::syscall(kFutexCall, &changes_, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace visa
