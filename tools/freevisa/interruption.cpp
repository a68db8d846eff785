// SPDX-License-Identifier: MIT
// The handler sets a flag and wakes a thread by a descriptor; the thread calls viTerminate until
// the guards of all calls are gone. Once would not do: the signal may come just before the call.
#include "tools/freevisa/interruption.h"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace visa::tool {
namespace {

std::atomic<int> interrupted{0};                       // the number of the signal
std::atomic<int> wakes{-1};                            // the descriptor that the thread reads
static_assert(std::atomic<int>::is_always_lock_free);  // for the handler

extern "C" void note_interrupt(int number) {
  const int before = errno;
  if (interrupted != 0) {  // the program does not come to look: the user wants it gone
    ::signal(number, SIG_DFL);
    ::raise(number);
  }
  interrupted = number;
  const std::uint64_t one = 1;
  if (wakes >= 0) static_cast<void>(!::write(wakes, &one, sizeof one));
  errno = before;
}

/// The calls that an interrupt ends, and the thread that does it. Lives as long as the process.
class Guards {
 public:
  static Guards& all() {
    static auto* const guards = new Guards;  // the thread may outlive main()
    return *guards;
  }

  void start() {
    const std::lock_guard lock(mutex_);
    if (started_) return;
    const int fd = ::eventfd(0, EFD_CLOEXEC);
    if (fd < 0) return;
    sigset_t every;
    sigset_t before;
    sigfillset(&every);
    ::pthread_sigmask(SIG_SETMASK, &every, &before);  // the program's threads are to be interrupted
    try {
      std::thread([this, fd] { serve(fd); }).detach();
      started_ = true;
      wakes = fd;
    } catch (const std::system_error&) {
      ::close(fd);  // without room for a thread calls end at their time limit
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  void add(ViObject vi) {
    const std::lock_guard lock(mutex_);
    guarded_.push_back(vi);
    changed_.notify_all();
  }
  // After this viTerminate is not called for that guard any more.
  void remove(ViObject vi) {
    const std::lock_guard lock(mutex_);
    guarded_.erase(std::find(guarded_.begin(), guarded_.end(), vi));
    changed_.notify_all();
  }

 private:
  void serve(int fd) {
    constexpr std::chrono::milliseconds kAgain{20};
    for (;;) {
      std::uint64_t count = 0;
      if (::read(fd, &count, sizeof count) < 0 && errno != EINTR) return;
      std::unique_lock lock(mutex_);
      while (interrupted != 0) {
        for (const ViObject vi : guarded_) viTerminate(vi, VI_NULL, VI_NULL);
        changed_.wait_for(lock, kAgain);
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ViObject> guarded_;
  bool started_ = false;
};

}  // namespace

void catch_interrupts() {
  Guards::all().start();
  struct sigaction action {};
  action.sa_handler = &note_interrupt;  // no SA_RESTART: reading a line ends
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool take_interrupt() noexcept {
  const bool was = interrupted != 0;
  interrupted = 0;
  return was;
}

bool interrupt_pending() noexcept {
  return interrupted != 0;
}

void end_by_interrupt() {
  const int number = interrupted;
  if (number == 0) return;
  ::signal(number, SIG_DFL);
  ::raise(number);
}

Interruptible::Interruptible(ViObject vi) : vi_(vi) {
  Guards::all().add(vi_);
}

Interruptible::~Interruptible() {
  Guards::all().remove(vi_);
}

}  // namespace visa::tool
