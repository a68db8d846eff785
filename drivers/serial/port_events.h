// SPDX-License-Identifier: MIT
// The events of a port (VI_EVENT_ASRL_*, of NI's extension set) for its sessions. A thread runs
// while any of them is enabled: it looks at the lines every 20 ms (waiting for them, TIOCMIWAIT,
// could not be ended), and takes what arrives while no session reads. Any thread.
#pragma once

#include <visa.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <thread>
#include <vector>

#include "drivers/serial/line_input.h"
#include "drivers/serial/tty.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/thread_annotations.h"
#include "lib/spi/event_sink.h"

namespace visa::drivers::serial {

class PortEvents final : public LineObserver {
 public:
  explicit PortEvents(Tty& tty) noexcept : tty_(tty) {}
  PortEvents(const PortEvents&) = delete;
  PortEvents& operator=(const PortEvents&) = delete;

  /// `termchar` is what VI_EVENT_ASRL_TERMCHAR waits for. error_inv_event; error_nsup_oper: the
  /// port has no modem lines; error_alloc.
  Status subscribe(ViEventType type, spi::EventSink& sink, std::uint8_t termchar, LineInput& input,
                   Call& call) VISA_EXCLUDES(mutex_);
  /// Returns when no post to `sink` is under way and none will follow.
  Status unsubscribe(ViEventType type, spi::EventSink& sink, LineInput& input)
      VISA_EXCLUDES(mutex_);

  void received(std::span<const std::byte> bytes) override VISA_EXCLUDES(mutex_);
  void received_break() override VISA_EXCLUDES(mutex_);

 private:
  struct Subscription {
    ViEventType type;
    spi::EventSink* sink;
    std::uint8_t termchar;
  };
  /// The thread and what ends it. It may outlive neither the port nor the last subscription.
  struct Worker {
    explicit Worker(ChildClosedFd fd) : bell(std::move(fd)) {}
    ChildClosedFd bell;
    Call call{Deadline::infinite()};
    std::thread thread;
  };

  Status start(LineInput& input, Call& call) VISA_REQUIRES(mutex_);
  void stop(LineInput& input) VISA_EXCLUDES(mutex_);
  void run(Worker& worker, LineInput& input);
  void look_at_lines() VISA_EXCLUDES(mutex_);
  /// Posts `type` once for each time that `times(subscription)` says.
  template <class Times>
  void post(ViEventType type, Times&& times) VISA_EXCLUDES(mutex_);
  bool wants(bool data) const VISA_REQUIRES(mutex_);

  Tty& tty_;
  mutable Mutex mutex_;
  std::condition_variable changed_;
  std::vector<Subscription> subscriptions_ VISA_GUARDED_BY(mutex_);
  std::multiset<spi::EventSink*> posting_ VISA_GUARDED_BY(mutex_);
  std::unique_ptr<Worker> worker_ VISA_GUARDED_BY(mutex_);
  std::optional<unsigned> lines_ VISA_GUARDED_BY(mutex_);  // as seen last
  std::atomic<bool> wants_data_{false};
  std::atomic<bool> wants_lines_{false};
};

}  // namespace visa::drivers::serial
