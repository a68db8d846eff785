// SPDX-License-Identifier: MIT
// Keeps the signals that a write to a file can raise away from the program: SIGPIPE (the reader is
// gone), SIGXFSZ (RLIMIT_FSIZE) and the stop of a background job that uses its terminal (SIGTTOU,
// SIGTTIN). Most programs die or stop of them. They are blocked in the calling thread alone and no
// handler is touched; the kernel sends the first two to the thread that wrote. One thread, around
// one call.
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
    // What is pending already is the program's own. Only where it was blocked can it be pending.
    ::sigemptyset(&pending_);
    if (::sigismember(&before_, SIGPIPE) == 1 || ::sigismember(&before_, SIGXFSZ) == 1) {
      ::sigpending(&pending_);
    }
  }
  ~SignalShield() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalShield(const SignalShield&) = delete;
  SignalShield& operator=(const SignalShield&) = delete;

  /// Takes the result of the call made under the shield and passes it on: removes the signal that
  /// came with its failure. errno stays what the call left.
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
