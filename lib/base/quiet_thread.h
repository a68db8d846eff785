// SPDX-License-Identifier: MIT
// A thread of the library in the program's process. All signals are blocked in it, so that no
// signal handler of the program ever runs there.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <thread>
#include <utility>

namespace visa {

/// Throws std::system_error when the system cannot start a thread, as std::thread does.
template <class Body>
std::thread start_quiet_thread(Body&& body) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  struct Restore {
    const sigset_t& mask;
    ~Restore() { ::pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restore{before};
  return std::thread(std::forward<Body>(body));
}

}  // namespace visa
