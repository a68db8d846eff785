// SPDX-License-Identifier: MIT
// The signals are blocked but while a pause waits, so none is lost between the look for an
// interrupt and the wait.
#include "tools/freevisa/pause.h"

#include <poll.h>
#include <signal.h>

#include <cerrno>

#include "tools/freevisa/interruption.h"

namespace visa::tool {
namespace {

sigset_t interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

bool wait_for_input(int fd) {
  const sigset_t set = interrupts();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  pollfd readable{fd, POLLIN, 0};
  bool ready = false;
  while (!interrupt_pending() && !ready) {
    const int count = ::ppoll(&readable, 1, nullptr, &before);
    ready = count > 0 || (count < 0 && errno != EINTR);  // what is wrong is said by reading
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ready;
}

bool pause_until(std::chrono::steady_clock::time_point time) {
  using std::chrono::nanoseconds;
  using std::chrono::seconds;
  const sigset_t set = interrupts();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  bool whole = false;
  while (!interrupt_pending() && !whole) {
    const auto left =
        std::chrono::duration_cast<nanoseconds>(time - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      whole = true;
      break;
    }
    timespec wait{};
    wait.tv_sec = static_cast<time_t>(left.count() / nanoseconds(seconds(1)).count());
    wait.tv_nsec = static_cast<long>(left.count() % nanoseconds(seconds(1)).count());
    whole = ::ppoll(nullptr, 0, &wait, &before) == 0;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return whole;
}

}  // namespace visa::tool
