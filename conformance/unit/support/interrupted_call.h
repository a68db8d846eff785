// SPDX-License-Identifier: MIT
// A call during which this thread gets signals. One thread at a time.
#pragma once

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

namespace visa::test {

/// Runs `call` on this thread, which gets SIGUSR1 every 10 ms until it returns: a signal that comes
/// just before a wait does not end it. The handler is the friendliest to calls, with SA_RESTART.
template <class Run>
auto interrupted_call(Run&& run) {
  struct sigaction nothing {};
  struct sigaction before {};
  nothing.sa_handler = [](int) {};
  nothing.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &nothing, &before);
  std::atomic<bool> over{false};
  std::thread sender([&over, thread = ::pthread_self()] {
    while (!over) {
      ::pthread_kill(thread, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  const auto result = std::forward<Run>(run)();
  over = true;
  sender.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  return result;
}

}  // namespace visa::test
