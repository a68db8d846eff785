// SPDX-License-Identifier: MIT
// The events of one session (VPP-4.3 3.7): which types are enabled by which mechanism, the queue,
// the handlers, the suspended occurrences, and the one thread that calls handlers. Shared by its
// session and by that thread, because a handler may close the session it runs for. Any thread.
// `mutex_` guards the state and is never held while a handler, the host or a driver runs;
// `configuring_` serialises enabling and disabling around the driver's part of it and is taken
// first.
#pragma once

#include <visa.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "lib/base/call.h"
#include "lib/base/condition.h"
#include "lib/base/result.h"
#include "lib/base/thread_annotations.h"
#include "lib/events/event_queue.h"
#include "lib/events/handler_list.h"
#include "lib/model/resource_class.h"

namespace visa::events {

/// What the hub needs of its session. Any thread may call it, even after the session is gone; the
/// host lives as long as the hub.
class EventHost {
 public:
  virtual ~EventHost() = default;
  /// The session handle that handlers get.
  virtual ViSession session() const noexcept = 0;
  /// The first mechanism of `type` was enabled: occurrences are posted from now on.
  virtual Status start(ViEventType type) = 0;
  /// The last mechanism of `type` was disabled.
  virtual void stop(ViEventType type) = 0;
  /// Makes the event context that a handler gets.
  virtual ViEvent open_context(const Occurrence& occurrence) = 0;
  virtual void close_context(ViEvent context) = 0;
};

class EventHub final : public spi::EventSink, public std::enable_shared_from_this<EventHub> {
 public:
  /// When more occurrences than this wait for handlers, the newest are lost, with a trace line.
  static constexpr std::size_t kMostWaitingForHandlers = 4096;

  EventHub(model::Kind kind, std::shared_ptr<EventHost> host);
  ~EventHub() override;

  /// viInstallHandler, viUninstallHandler. Uninstalling waits for a running handler of that type,
  /// see disable. It does not wait for handlers of VI_EVENT_EXCEPTION: they run on threads of the
  /// program, inside its own calls, and may never return.
  Status install(const Handler& handler) VISA_EXCLUDES(configuring_, mutex_);
  Status uninstall(const Handler& handler) VISA_EXCLUDES(configuring_, mutex_);

  /// viEnableEvent.
  Status enable(ViEventType type, ViUInt16 mechanism) VISA_EXCLUDES(configuring_, mutex_);

  /// viDisableEvent: when it returns no handler of `type` runs any more, unless one took longer
  /// than two seconds, or the caller is a handler itself.
  Status disable(ViEventType type, ViUInt16 mechanism) VISA_EXCLUDES(configuring_, mutex_);

  /// viDiscardEvents.
  Status discard(ViEventType type, ViUInt16 mechanism) VISA_EXCLUDES(mutex_);

  /// viWaitOnEvent: success, success_queue_nempty or warn_queue_overflow with the occurrence;
  /// error_nenabled, error_tmo, error_abort (cancelled), error_inv_event.
  Result<Occurrence> wait(ViEventType type, Call& call) VISA_EXCLUDES(mutex_);

  /// Makes waits look at their cancel tokens.
  void wake() VISA_EXCLUDES(mutex_);

  /// Delivers an occurrence by each mechanism that is enabled for it.
  void post(spi::EventRecord record) override VISA_EXCLUDES(mutex_);

  /// The handlers to call on the failing thread, in order; empty unless VI_EVENT_EXCEPTION is
  /// enabled.
  std::vector<Handler> exception_handlers() const VISA_EXCLUDES(mutex_);

  /// Whether a handler of the chain in progress is still to be called.
  bool wants(const Handler& handler) const VISA_EXCLUDES(mutex_);

  /// VI_ATTR_MAX_QUEUE_LENGTH; frozen by the first enabling (3.2.6).
  void set_queue_length(std::uint32_t length) VISA_EXCLUDES(mutex_);
  bool frozen() const VISA_EXCLUDES(mutex_);
  bool enabled(ViEventType type) const VISA_EXCLUDES(mutex_);

  /// viClose: stops every type, drops the queue, ends waits; waits for a running handler as disable
  /// does. Nothing is delivered after it has returned.
  void close() VISA_EXCLUDES(configuring_, mutex_);

 private:
  enum class Callback : std::uint8_t { off, active, suspended };

  struct State {
    ViEventType type;
    bool queue = false;
    Callback callback = Callback::off;
    bool on() const noexcept { return queue || callback != Callback::off; }
  };

  /// Marks that the handler thread is calling the handlers of one occurrence.
  class Running;

  Status check_type(ViEventType type) const noexcept;
  State* find(ViEventType type) noexcept VISA_REQUIRES(mutex_);
  const State* find(ViEventType type) const noexcept VISA_REQUIRES(mutex_);
  State& state_of(ViEventType type) VISA_REQUIRES(mutex_);
  std::vector<ViEventType> enabled_types() const VISA_EXCLUDES(mutex_);
  Status enable_one(ViEventType type, ViUInt16 mechanism) VISA_REQUIRES(configuring_);
  Status disable_one(ViEventType type, ViUInt16 mechanism) VISA_REQUIRES(configuring_);
  void resume(ViEventType type) VISA_REQUIRES(mutex_);
  void suspend(ViEventType type) VISA_REQUIRES(mutex_);
  void drop_for_handlers(ViEventType type) VISA_REQUIRES(mutex_);
  void start_thread() VISA_REQUIRES(mutex_);
  void add_for_handlers(Occurrence occurrence) VISA_REQUIRES(mutex_);
  bool worth_waiting(ViEventType type) const noexcept VISA_REQUIRES(mutex_);
  /// False when a handler of `type` still runs, or may: see disable.
  bool wait_for_handler(ViEventType type) VISA_EXCLUDES(mutex_);
  void run_handlers();
  bool deliver_next() VISA_EXCLUDES(mutex_);
  void deliver(const Occurrence& occurrence) VISA_EXCLUDES(mutex_);
  std::vector<Handler> chain_for(ViEventType type) const VISA_EXCLUDES(mutex_);

  const model::Kind kind_;
  const std::shared_ptr<EventHost> host_;

  Mutex configuring_;
  mutable Mutex mutex_;
  Condition changed_;                     // there is news for waits or for the handler thread
  std::condition_variable handler_done_;  // running_ went back to 0
  std::vector<State> states_ VISA_GUARDED_BY(mutex_);
  HandlerList handlers_ VISA_GUARDED_BY(mutex_);
  EventQueue queue_ VISA_GUARDED_BY(mutex_);
  EventQueue suspended_ VISA_GUARDED_BY(mutex_);
  std::deque<Occurrence> for_handlers_ VISA_GUARDED_BY(mutex_);
  std::thread thread_ VISA_GUARDED_BY(mutex_);
  ViEventType running_ VISA_GUARDED_BY(mutex_) = 0;
  std::uint32_t queue_length_ VISA_GUARDED_BY(mutex_) = 50;
  bool lagging_ VISA_GUARDED_BY(mutex_) = false;  // the trace line was written
  bool frozen_ VISA_GUARDED_BY(mutex_) = false;
  bool closed_ VISA_GUARDED_BY(mutex_) = false;
};

/// True on a handler thread of the library, which never waits for handlers to finish.
bool on_handler_thread() noexcept;

/// Calls one handler. An ordinary C++ exception ends here with a trace line; forced unwinding
/// passes.
ViStatus call_handler(const Handler& handler, ViSession session, ViEvent context);

}  // namespace visa::events
