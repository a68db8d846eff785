// SPDX-License-Identifier: MIT
// A thread of ours in somebody else's process: all signals are blocked in it, so that none of the
// program's handlers ever runs there.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <thread>
#include <utility>

namespace visa {

/// Throws std::system_error when there is no thread to be had, as std::thread does.
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
