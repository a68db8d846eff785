// SPDX-License-Identifier: MIT
// Enabling, disabling, discarding, installing (docs/locks-and-events.md B1 to B5). The delivery is
// in event_delivery.cpp.
#include "lib/events/event_hub.h"

#include <algorithm>
#include <utility>

#include "lib/model/event_table.h"

namespace visa::events {
namespace {

constexpr ViUInt16 kCallback = VI_HNDLR | VI_SUSPEND_HNDLR;

}  // namespace

EventHub::EventHub(model::Kind kind, std::shared_ptr<EventHost> host)
    : kind_(kind), host_(std::move(host)) {}

EventHub::~EventHub() {
  // Normally close() has taken the thread. Otherwise this destructor runs on that thread, which
  // held the last reference to the hub and cannot join itself.
  if (thread_.joinable()) thread_.detach();
}

Status EventHub::check_type(ViEventType type) const noexcept {
  const auto* info = model::find_event(type);
  return info != nullptr && info->raised_by.contains(kind_) ? Status::success
                                                            : Status::error_inv_event;
}

EventHub::State* EventHub::find(ViEventType type) noexcept {
  const auto found = std::find_if(states_.begin(), states_.end(),
                                  [type](const State& state) { return state.type == type; });
  return found == states_.end() ? nullptr : &*found;
}

const EventHub::State* EventHub::find(ViEventType type) const noexcept {
  const auto found = std::find_if(states_.begin(), states_.end(),
                                  [type](const State& state) { return state.type == type; });
  return found == states_.end() ? nullptr : &*found;
}

EventHub::State& EventHub::state_of(ViEventType type) {
  if (auto* found = find(type)) return *found;
  return states_.emplace_back(State{type});
}

std::vector<ViEventType> EventHub::enabled_types() const {
  const MutexLock lock(mutex_);
  std::vector<ViEventType> types;
  for (const auto& state : states_) {
    if (state.on()) types.push_back(state.type);
  }
  return types;
}

Status EventHub::install(const Handler& handler) {
  const auto known = check_type(handler.type);
  if (failed(known)) return known;
  const MutexLock lock(mutex_);
  return closed_ ? Status::error_inv_object : handlers_.add(handler);
}

Status EventHub::uninstall(const Handler& handler) {
  const auto known = check_type(handler.type);
  if (failed(known)) return known;
  {
    const MutexLock configuring(configuring_);
    bool last = false;
    {
      const MutexLock lock(mutex_);
      const auto removed = handlers_.remove(handler);
      if (failed(removed)) return removed;
      last = !handlers_.has(handler.type);
    }
    // 3.7.26: uninstalling the last handler of a type disables its callback mechanism.
    if (last) disable_one(handler.type, VI_HNDLR);
  }
  wait_for_handler(handler.type);
  return Status::success;
}

Status EventHub::enable(ViEventType type, ViUInt16 mechanism) {
  constexpr unsigned kKnown = VI_QUEUE | kCallback;
  if (mechanism == 0 || (mechanism & ~kKnown) != 0 || (mechanism & kCallback) == kCallback) {
    return Status::error_inv_mech;  // 3.7.13; VI_ALL_MECH is for disabling and discarding
  }
  const MutexLock configuring(configuring_);
  if (type != VI_ALL_ENABLED_EVENTS) return enable_one(type, mechanism);
  auto result = Status::success;
  for (const auto enabled : enabled_types()) {
    const auto status = enable_one(enabled, mechanism);
    // The request names all enabled types: those without a handler, or without a queue, stay as
    // they are.
    if (status == Status::error_hndlr_ninstalled || status == Status::error_nsup_mech) continue;
    if (failed(status)) return status;
    if (status != Status::success) result = status;
  }
  return result;
}

Status EventHub::enable_one(ViEventType type, ViUInt16 mechanism) {
  const auto known = check_type(type);
  if (failed(known)) return known;
  if ((mechanism & ~model::find_event(type)->mechanisms) != 0) return Status::error_nsup_mech;

  bool first = false;
  bool already = false;
  State before{type};
  {
    const MutexLock lock(mutex_);
    if (closed_) return Status::error_inv_object;
    const bool callback = (mechanism & kCallback) != 0;
    if (callback && !handlers_.has(type)) return Status::error_hndlr_ninstalled;  // 3.7.6
    // Start the thread first: if that fails, the type is not enabled and nothing has changed yet.
    if ((mechanism & VI_HNDLR) != 0 && type != VI_EVENT_EXCEPTION) start_thread();
    auto& state = state_of(type);
    before = state;
    first = !state.on();
    if ((mechanism & VI_QUEUE) != 0) {
      already = state.queue;
      state.queue = true;
    }
    if (callback) {
      const auto wanted = (mechanism & VI_HNDLR) != 0 ? Callback::active : Callback::suspended;
      already = already || state.callback == wanted;
      state.callback = wanted;
      if (wanted == Callback::suspended) suspend(type);
      if (wanted == Callback::active && !first) resume(type);
    }
  }
  struct Undo {  // a type whose start fails or throws is as before
    EventHub* hub;
    const State& before;
    ~Undo() VISA_NO_THREAD_SAFETY_ANALYSIS {
      if (hub == nullptr) return;
      const MutexLock lock(hub->mutex_);
      hub->state_of(before.type) = before;
    }
  } undo{this, before};
  const auto started = first ? host_->start(type) : Status::success;
  if (failed(started)) return started;
  undo.hub = nullptr;
  const MutexLock lock(mutex_);
  if (first && state_of(type).callback == Callback::active) resume(type);
  frozen_ = true;
  return already ? Status::success_event_en : Status::success;
}

// Delivers the suspended occurrences, oldest first, before anything newer: those that already wait
// for handlers came later, or are of another type.
void EventHub::resume(ViEventType type) {
  std::deque<Occurrence> older;
  while (auto taken = suspended_.take(type)) older.push_back(std::move(taken->occurrence));
  for_handlers_.insert(for_handlers_.begin(), older.begin(), older.end());
  changed_.notify_all();
}

// Occurrences that no handler has seen yet join the suspended ones.
void EventHub::suspend(ViEventType type) {
  for (const auto& waiting : for_handlers_) {
    if (waiting->type == type) suspended_.push(waiting, queue_length_);
  }
  drop_for_handlers(type);
}

void EventHub::drop_for_handlers(ViEventType type) {
  std::erase_if(for_handlers_, [type](const Occurrence& waiting) { return waiting->type == type; });
}

Status EventHub::disable(ViEventType type, ViUInt16 mechanism) {
  constexpr unsigned kKnown = VI_QUEUE | kCallback;
  if (mechanism == 0 || (mechanism != VI_ALL_MECH && (mechanism & ~kKnown) != 0)) {
    return Status::error_inv_mech;
  }
  std::vector<ViEventType> types{type};
  auto result = Status::success;
  {
    const MutexLock configuring(configuring_);
    if (type == VI_ALL_ENABLED_EVENTS) {
      types = enabled_types();
      if (types.empty()) return Status::success_event_dis;
    } else {
      const auto known = check_type(type);
      if (failed(known)) return known;
    }
    for (const auto each : types) {
      const auto status = disable_one(each, mechanism);
      if (status != Status::success) result = status;
    }
  }
  if (mechanism != VI_QUEUE) {
    for (const auto each : types) wait_for_handler(each);
  }
  return result;
}

Status EventHub::disable_one(ViEventType type, ViUInt16 mechanism) {
  bool last = false;
  bool was_off = false;
  {
    const MutexLock lock(mutex_);
    auto* state = find(type);
    if (state == nullptr || !state->on()) return Status::success_event_dis;
    const bool callback = (mechanism & kCallback) != 0;
    const bool queue = (mechanism & VI_QUEUE) != 0;
    // VI_ALL_MECH means the mechanisms that are enabled, and at least one is.
    was_off = mechanism != VI_ALL_MECH &&
              ((queue && !state->queue) || (callback && state->callback == Callback::off));
    if (queue) state->queue = false;
    if (callback) {
      state->callback = Callback::off;
      drop_for_handlers(type);
    }
    last = !state->on();
    changed_.notify_all();  // wakes waits for a type that can no longer occur
  }
  if (last) host_->stop(type);
  return was_off ? Status::success_event_dis : Status::success;
}

Status EventHub::discard(ViEventType type, ViUInt16 mechanism) {
  constexpr unsigned kKnown = VI_QUEUE | VI_SUSPEND_HNDLR;
  if (mechanism == 0 || (mechanism != VI_ALL_MECH && (mechanism & ~kKnown) != 0)) {
    return Status::error_inv_mech;
  }
  std::vector<ViEventType> types{type};
  if (type == VI_ALL_ENABLED_EVENTS) {
    types = enabled_types();
  } else {
    const auto known = check_type(type);
    if (failed(known)) return known;
  }
  const MutexLock lock(mutex_);
  std::size_t dropped = 0;
  for (const auto each : types) {
    if ((mechanism & VI_QUEUE) != 0) dropped += queue_.discard(each);
    if ((mechanism & VI_SUSPEND_HNDLR) != 0) dropped += suspended_.discard(each);
  }
  return dropped == 0 ? Status::success_queue_empty : Status::success;
}

std::vector<Handler> EventHub::exception_handlers() const {
  const MutexLock lock(mutex_);
  const auto* state = find(VI_EVENT_EXCEPTION);
  if (closed_ || state == nullptr || state->callback != Callback::active) return {};
  return handlers_.in_calling_order(VI_EVENT_EXCEPTION);
}

void EventHub::set_queue_length(std::uint32_t length) {
  const MutexLock lock(mutex_);
  queue_length_ = length;
}

bool EventHub::enabled(ViEventType type) const {
  const MutexLock lock(mutex_);
  const auto* state = find(type);
  return state != nullptr && state->on();
}

bool EventHub::frozen() const {
  const MutexLock lock(mutex_);
  return frozen_;
}

}  // namespace visa::events
