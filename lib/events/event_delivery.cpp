// SPDX-License-Identifier: MIT
// Brings an occurrence to the program: the queue, the waits, and the thread that calls handlers.
// The hub starts that thread when a handler is first enabled; all signals are blocked in it, and it
// keeps the hub alive. Python ends threads by forced unwinding at its exit, other programs by
// pthread_exit: the unwinding passes through here and leaves the hub usable, with a new thread for
// the next occurrence.
#include <cxxabi.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "lib/base/log.h"
#include "lib/base/quiet_thread.h"
#include "lib/base/run_guarded.h"
#include "lib/events/event_hub.h"

namespace visa::events {
namespace {

using namespace std::chrono_literals;

// How long viDisableEvent, viUninstallHandler and viClose wait for a running handler.
constexpr auto kHandlerGrace = 2s;

thread_local bool calls_handlers = false;

}  // namespace

bool on_handler_thread() noexcept {
  return calls_handlers;
}

ViStatus call_handler(const Handler& handler, ViSession session, ViEvent context) {
  ViStatus answer = VI_SUCCESS;
  run_guarded(
      [&] { answer = handler.function(session, handler.type, context, handler.user_handle); },
      [](Thrown) {
        log::line("an event handler of the program threw an exception; it was dropped");
      });
  return answer;
}

void EventHub::post(spi::EventRecord record) {
  const auto occurrence = std::make_shared<const spi::EventRecord>(std::move(record));
  const MutexLock lock(mutex_);
  const auto* state = find(occurrence->type);
  if (closed_ || state == nullptr || !state->on()) return;
  if (state->queue) queue_.push(occurrence, queue_length_);
  if (state->callback == Callback::active) add_for_handlers(occurrence);
  if (state->callback == Callback::suspended) suspended_.push(occurrence, queue_length_);
  changed_.notify_all();
}

void EventHub::add_for_handlers(Occurrence occurrence) {
  if (for_handlers_.size() >= kMostWaitingForHandlers) {
    if (!lagging_) log::line("events come faster than their handler takes them: some are dropped");
    lagging_ = true;
    return;
  }
  lagging_ = false;
  for_handlers_.push_back(std::move(occurrence));
  start_thread();  // a handler may have ended the last thread
  changed_.notify_all();
}

bool EventHub::worth_waiting(ViEventType type) const noexcept {
  for (const auto& state : states_) {
    if (state.queue && (type == VI_ALL_ENABLED_EVENTS || state.type == type)) return true;
  }
  return false;
}

Result<Occurrence> EventHub::wait(ViEventType type, Call& call) {
  if (type != VI_ALL_ENABLED_EVENTS) {
    const auto known = check_type(type);
    if (failed(known)) return known;
  }
  MutexLock lock(mutex_);
  for (;;) {
    // 3.7.21, 3.7.23: an occurrence in the queue is delivered even if its type was disabled since.
    if (auto taken = queue_.take(type)) {
      const auto status = taken->overflowed ? Status::warn_queue_overflow
                          : taken->more     ? Status::success_queue_nempty
                                            : Status::success;
      return {std::move(taken->occurrence), status};
    }
    if (closed_ || call.cancelled()) return Status::error_abort;
    if (!worth_waiting(type)) return Status::error_nenabled;
    if (call.deadline.expired()) return Status::error_tmo;
    changed_.wait_until(lock, call.deadline.time_point(), call);
  }
}

void EventHub::wake() {
  const MutexLock lock(mutex_);
  changed_.notify_all();
}

void EventHub::start_thread() {
  if (thread_.joinable()) return;
  try {
    thread_ = start_quiet_thread([hub = shared_from_this()] { hub->run_handlers(); });
  } catch (const std::system_error&) {
    throw std::bad_alloc();  // the system has no more threads: VI_ERROR_ALLOC
  }
}

class EventHub::Running {
 public:
  explicit Running(EventHub& hub) : hub_(hub) {}
  ~Running() {
    const MutexLock lock(hub_.mutex_);
    hub_.running_ = 0;
    // A thread that sees running_ at 0 must not count on a handler thread that is about to end.
    // After close() the closing thread owns the handler thread and joins it.
    const bool ours = hub_.thread_.get_id() == std::this_thread::get_id();
    if (!returned_ && ours) hub_.thread_.detach();
    hub_.handler_done_.notify_all();
  }
  void returned() noexcept { returned_ = true; }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  EventHub& hub_;
  bool returned_ = false;
};

// On a forced unwinding GCC binds the clause's reference to null, which UBSan would take for a
// defect.
__attribute__((no_sanitize("null"))) void EventHub::run_handlers() {
  calls_handlers = true;
  try {
    while (deliver_next()) {
    }
  } catch (::abi::__forced_unwind&) {
    // The program cancelled this thread, which it can only know from inside a handler.
    const MutexLock lock(mutex_);
    if (thread_.get_id() == std::this_thread::get_id()) thread_.detach();
    throw;
  }
}

bool EventHub::deliver_next() {
  Occurrence occurrence;
  {
    MutexLock lock(mutex_);
    while (for_handlers_.empty() && !closed_) changed_.wait(lock);
    if (closed_) return false;
    occurrence = std::move(for_handlers_.front());
    for_handlers_.pop_front();
    running_ = occurrence->type;
  }
  Running running(*this);
  try {
    deliver(occurrence);
  } catch (const std::bad_alloc&) {  // thrown here; call_handler keeps those of handlers
    log::line("an event was lost: no memory to tell its handlers");
  }
  running.returned();
  return true;
}

void EventHub::deliver(const Occurrence& occurrence) {
  const auto chain = chain_for(occurrence->type);
  const ViEvent context = host_->open_context(occurrence);
  struct Close {  // runs also when forced unwinding ends the handler
    EventHost& host;
    ViEvent context;
    ~Close() { host.close_context(context); }
  } close{*host_, context};
  for (const auto& handler : chain) {
    if (!wants(handler)) continue;
    if (call_handler(handler, host_->session(), context) == VI_SUCCESS_NCHAIN) break;
  }
}

std::vector<Handler> EventHub::chain_for(ViEventType type) const {
  const MutexLock lock(mutex_);
  return handlers_.in_calling_order(type);
}

// An earlier handler of the chain, or another thread, may have uninstalled this one or closed the
// session. A suspension holds only for later occurrences.
bool EventHub::wants(const Handler& handler) const {
  const MutexLock lock(mutex_);
  const auto* state = find(handler.type);
  return !closed_ && state != nullptr && state->callback != Callback::off &&
         handlers_.contains(handler);
}

bool EventHub::wait_for_handler(ViEventType type) {
  const auto until = Deadline::after(kHandlerGrace);
  MutexLock lock(mutex_);
  while (running_ == type && type != 0) {
    if (on_handler_thread()) return false;
    if (until.expired()) {
      log::line("an event handler of the program still runs after 2 s; going on without it");
      return false;
    }
    lock.wait_until(handler_done_, until.time_point());
  }
  return true;
}

void EventHub::close() {
  std::thread thread;
  ViEventType running = 0;
  {
    // After any thread that is enabling or disabling, so that its work in the driver is complete.
    const MutexLock configuring(configuring_);
    for (const auto type : enabled_types()) disable_one(type, VI_ALL_MECH);
    const MutexLock lock(mutex_);
    closed_ = true;
    queue_.clear();
    suspended_.clear();
    for_handlers_.clear();
    handlers_.clear();
    thread = std::move(thread_);
    running = running_;
    changed_.notify_all();
  }
  const bool over = wait_for_handler(running);
  if (!thread.joinable()) return;
  if (over) {
    thread.join();
  } else {
    thread.detach();  // it keeps the hub alive, and ends when its handler returns
  }
}

}  // namespace visa::events
