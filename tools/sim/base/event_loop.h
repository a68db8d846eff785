// SPDX-License-Identifier: MIT
// The bench's one thread: waits for descriptors and for delayed actions, and calls who is
// concerned. Every wire and every instrument runs inside run(), so none of them needs a lock.
//
// Owned by the Bench. stop() and post() may be called from any thread, stop() from a signal handler
// too; everything else belongs to the thread of run(), or to the owner before it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// `events`: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP. May destroy this handler, but no other one.
  virtual void on_events(std::uint32_t events) = 0;
};

class EventLoop {
 public:
  /// Throws std::system_error when the kernel gives no descriptors.
  EventLoop();

  void add(int fd, std::uint32_t events, EventHandler& handler);
  void modify(int fd, std::uint32_t events, EventHandler& handler);
  void remove(int fd) noexcept;
  void add_timer(TimerSource& source) { timers_.push_back(&source); }
  void remove_timer(TimerSource& source) noexcept { std::erase(timers_, &source); }

  /// Serves until stop().
  void run();
  void stop() noexcept;
  /// Has `task` executed by the thread of run(), between two events.
  void post(std::function<void()> task);

 private:
  int timeout_milliseconds() const;
  void run_timers();
  void run_posted();

  FileDescriptor epoll_;
  FileDescriptor wake_;
  std::vector<TimerSource*> timers_;
  std::atomic<bool> stop_requested_ = false;  ///< lock-free, so a signal handler may set it
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;  ///< guarded by posted_mutex_
};

}  // namespace visa::sim
