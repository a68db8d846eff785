// SPDX-License-Identifier: MIT
// Level-triggered epoll: a handler that leaves something behind is called again, so no event is
// lost.
#include "tools/sim/base/event_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::size_t kBatch = 64;

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;  // the wake-up itself; every other event carries its handler
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event), "epoll_ctl");
}

void EventLoop::add(int fd, std::uint32_t events, EventHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl add");
}

void EventLoop::modify(int fd, std::uint32_t events, EventHandler& handler) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event), "epoll_ctl modify");
}

void EventLoop::remove(int fd) noexcept {
  static_cast<void>(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr));
}

void EventLoop::stop() noexcept {
  stop_requested_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  const int saved = errno;  // a signal handler must leave it alone
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
  errno = saved;
}

void EventLoop::post(std::function<void()> task) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_.get(), &one, sizeof one));
}

int EventLoop::timeout_milliseconds() const {
  using std::chrono::milliseconds;
  std::int64_t least = -1;
  for (const TimerSource* const source : timers_) {
    if (const auto due = source->due()) {
      const auto left = std::chrono::ceil<milliseconds>(*due - Clock::now());
      const std::int64_t wait = std::max<std::int64_t>(left.count(), 0);
      least = least < 0 ? wait : std::min(least, wait);
    }
  }
  return static_cast<int>(std::min<std::int64_t>(least, std::numeric_limits<int>::max()));
}

void EventLoop::run_timers() {
  for (TimerSource* const source : timers_) {
    const auto due = source->due();
    if (!due) {
      continue;  // no clock is read while nothing is delayed
    }
    if (const auto now = Clock::now(); *due <= now) source->on_due(now);
  }
}

void EventLoop::run_posted() {
  std::uint64_t count = 0;
  static_cast<void>(!::read(wake_.get(), &count, sizeof count));
  std::vector<std::function<void()>> tasks;
  {
    const std::lock_guard lock(posted_mutex_);
    tasks.swap(posted_);
  }
  for (const auto& task : tasks) task();
}

void EventLoop::run() {
  std::array<epoll_event, kBatch> events{};
  while (!stop_requested_.load(std::memory_order_relaxed)) {
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(kBatch), timeout_milliseconds());
    bool woken = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        woken = true;
      } else {
        static_cast<EventHandler*>(event.data.ptr)->on_events(event.events);
      }
    }
    run_timers();
    if (woken) run_posted();
  }
  run_posted();  // a thread that waits for a task must not wait for ever
}

}  // namespace visa::sim
