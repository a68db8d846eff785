// SPDX-License-Identifier: MIT
// Keeps from the program the signals that a write to a file can raise: SIGPIPE (the reader is
// gone), SIGXFSZ (RLIMIT_FSIZE), SIGTTOU and SIGTTIN (a background job uses its terminal). By
// default they kill or stop a program. They are blocked in the calling thread only, and no handler
// is touched; the kernel sends the first two to the thread that wrote. For one thread, around one
// call.
#pragma once

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <cerrno>

#include "lib/base/cancel_shield.h"

namespace visa {

class SignalShield {
 public:
  SignalShield() noexcept {
    sigset_t blocked;
    ::sigemptyset(&blocked);
    for (const int number : {SIGPIPE, SIGXFSZ, SIGTTOU, SIGTTIN}) ::sigaddset(&blocked, number);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before_);
    // A signal that is pending already belongs to the program, and can be pending only because the
    // program blocked it.
    ::sigemptyset(&pending_);
    if (::sigismember(&before_, SIGPIPE) == 1 || ::sigismember(&before_, SIGXFSZ) == 1) {
      ::sigpending(&pending_);
    }
  }
  ~SignalShield() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;

  /// Passes on the result of the call made under the shield. When the call failed, removes the
  /// signal that came with the failure. errno stays as the call left it.
  template <class Result>
  Result passed(Result result) noexcept {
    if (result < 0 && errno == EPIPE) take(SIGPIPE);
    if (result < 0 && errno == EFBIG) take(SIGXFSZ);
    return result;
  }

 private:
  void take(int number) noexcept {
    if (::sigismember(&pending_, number) == 1) return;
    const int error = errno;
    const CancelShield shield;  // sigtimedwait(2) is a cancellation point
    sigset_t wanted;
    ::sigemptyset(&wanted);
    ::sigaddset(&wanted, number);
    const timespec at_once{0, 0};
    while (::sigtimedwait(&wanted, nullptr, &at_once) < 0 && errno == EINTR) {
    }
    errno = error;
  }

  sigset_t before_;
  sigset_t pending_;
};

}  // namespace visa
