// SPDX-License-Identifier: MIT
// Invariant: the thread runs while there are subscriptions; a sink that unsubscribe has returned
// for is in neither list. Sinks get their occurrences outside of the mutex.
#include "drivers/serial/port_events.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "drivers/serial/modem_lines.h"
#include "lib/base/cancel_shield.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/run_guarded.h"

namespace visa::drivers::serial {
namespace {

constexpr int kLook = 20;  // ms between two looks at the lines

struct LineEvent {
  ViEventType type;
  ModemLine line;
  bool rising_only;  // a ring begins; its end is no event
};
constexpr std::array<LineEvent, 4> kLineEvents{{{VI_EVENT_ASRL_CTS, ModemLine::cts, false},
                                                {VI_EVENT_ASRL_DSR, ModemLine::dsr, false},
                                                {VI_EVENT_ASRL_DCD, ModemLine::dcd, false},
                                                {VI_EVENT_ASRL_RI, ModemLine::ri, true}}};

bool is_data_event(ViEventType type) noexcept {
  return type == VI_EVENT_ASRL_CHAR || type == VI_EVENT_ASRL_TERMCHAR ||
         type == VI_EVENT_ASRL_BREAK;
}

bool is_line_event(ViEventType type) noexcept {
  return std::any_of(kLineEvents.begin(), kLineEvents.end(),
                     [type](const LineEvent& one) { return one.type == type; });
}

}  // namespace

bool PortEvents::wants(bool data) const {
  return std::any_of(subscriptions_.begin(), subscriptions_.end(),
                     [data](const auto& one) { return is_data_event(one.type) == data; });
}

Status PortEvents::subscribe(ViEventType type, spi::EventSink& sink, std::uint8_t termchar,
                             LineInput& input, Call& call) {
  if (!is_data_event(type) && !is_line_event(type)) return Status::error_inv_event;
  const auto lines = modem_inputs(tty_);
  if (is_line_event(type) && !lines) {
    return tty_.refuse(Status::error_nsup_oper, "the port has no modem lines", call);
  }
  const MutexLock lock(mutex_);
  // What changes from now on is an occurrence, however late the thread looks first.
  if (!wants(false)) lines_ = lines;
  subscriptions_.push_back({type, &sink, termchar});
  wants_data_.store(wants(true), std::memory_order_relaxed);
  wants_lines_.store(wants(false), std::memory_order_relaxed);
  input.observe(wants(true));
  if (worker_ == nullptr) {
    if (const Status started = start(input, call); failed(started)) {
      subscriptions_.pop_back();
      return started;
    }
  }
  const std::uint64_t one = 1;
  const CancelShield shield;
  [[maybe_unused]] const auto size = ::write(worker_->bell.get(), &one, sizeof one);
  return Status::success;
}

Status PortEvents::start(LineInput& input, Call& call) {
  auto bell = ChildClosedFd::made_by([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); });
  if (!bell) return tty_.refuse(Status::error_alloc, "too many open files", call);
  auto worker = std::make_unique<Worker>(std::move(bell));
  try {
    worker->thread = start_quiet_thread([this, &input, self = worker.get()] {
      // Without memory there are no more events; a reader reports its own lack of it.
      run_guarded([&] { run(*self, input); }, [](Thrown) {});
    });
  } catch (const std::system_error&) {
    return tty_.refuse(Status::error_alloc, "the system cannot start a thread", call);
  }
  worker_ = std::move(worker);
  return Status::success;
}

Status PortEvents::unsubscribe(ViEventType type, spi::EventSink& sink, LineInput& input) {
  bool last = false;
  {
    MutexLock lock(mutex_);
    const auto at =
        std::find_if(subscriptions_.begin(), subscriptions_.end(),
                     [&](const auto& one) { return one.type == type && one.sink == &sink; });
    if (at == subscriptions_.end()) return Status::error_inv_event;
    subscriptions_.erase(at);
    wants_data_.store(wants(true), std::memory_order_relaxed);
    wants_lines_.store(wants(false), std::memory_order_relaxed);
    input.observe(wants(true));
    // No new post reaches the sink, and one under way does not wait for anything.
    while (posting_.contains(&sink)) lock.wait(changed_);
    last = subscriptions_.empty();
  }
  if (last) stop(input);
  return Status::success;
}

void PortEvents::stop(LineInput& input) {
  std::unique_ptr<Worker> worker;
  {
    const MutexLock lock(mutex_);
    if (!subscriptions_.empty()) return;  // another session was quicker
    worker = std::move(worker_);
  }
  if (worker == nullptr) return;
  worker->call.cancel();
  const std::uint64_t one = 1;
  const CancelShield shield;  // pthread_join is a cancellation point
  [[maybe_unused]] const auto size = ::write(worker->bell.get(), &one, sizeof one);
  input.wake();
  worker->thread.join();
}

void PortEvents::run(Worker& worker, LineInput& input) {
  while (!worker.call.cancelled() && tty_.connected()) {
    const bool data = wants_data_.load(std::memory_order_relaxed);
    const bool full = data && input.full();
    std::array<pollfd, 2> watched{
        {{worker.bell.get(), POLLIN, 0}, {tty_.fd(), static_cast<short>(full ? 0 : POLLIN), 0}}};
    const bool looks = full || wants_lines_.load(std::memory_order_relaxed);
    if (::poll(watched.data(), data ? 2 : 1, looks ? kLook : -1) < 0 && errno != EINTR) break;
    if (watched[0].revents != 0) {
      std::uint64_t drained = 0;
      [[maybe_unused]] const auto size = ::read(worker.bell.get(), &drained, sizeof drained);
    }
    // While a session reads, it takes the bytes itself and this waits.
    if (data && watched[1].revents != 0 && failed(input.collect(worker.call))) break;
    if (wants_lines_.load(std::memory_order_relaxed)) look_at_lines();
  }
}

void PortEvents::look_at_lines() {
  const auto now = modem_inputs(tty_);
  std::optional<unsigned> before;
  {
    const MutexLock lock(mutex_);
    before = lines_;
    if (now) lines_ = now;
  }
  if (now && before && *now != *before) {
    for (const LineEvent& event : kLineEvents) {
      const unsigned bit = 1U << static_cast<unsigned>(event.line);
      if (((*now ^ *before) & bit) == 0 || (event.rising_only && (*now & bit) == 0)) continue;
      post(event.type, [](const Subscription&) { return std::size_t{1}; });
    }
  }
}

template <class Times>
void PortEvents::post(ViEventType type, Times&& times) {
  struct Posting {
    PortEvents& events;
    std::vector<Subscription> targets = {};
    ~Posting() {
      const MutexLock lock(events.mutex_);
      for (const auto& one : targets) events.posting_.erase(events.posting_.find(one.sink));
      events.changed_.notify_all();
    }
  } posting{*this};
  {
    const MutexLock lock(mutex_);
    for (const auto& one : subscriptions_) {
      if (one.type == type) posting.targets.push_back(one);
    }
    for (const auto& one : posting.targets) posting_.insert(one.sink);
  }
  for (const auto& one : posting.targets) {
    for (std::size_t count = times(one); count > 0; --count) one.sink->post({.type = type});
  }
}

void PortEvents::received(std::span<const std::byte> bytes) {
  post(VI_EVENT_ASRL_CHAR, [](const Subscription&) { return std::size_t{1}; });
  post(VI_EVENT_ASRL_TERMCHAR, [bytes](const Subscription& one) {
    return static_cast<std::size_t>(
        std::count(bytes.begin(), bytes.end(), std::byte{one.termchar}));
  });
}

void PortEvents::received_break() {
  post(VI_EVENT_ASRL_BREAK, [](const Subscription&) { return std::size_t{1}; });
}

}  // namespace visa::drivers::serial
