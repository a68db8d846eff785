// SPDX-License-Identifier: MIT
// The event side of one session: its hub, made when events are first asked for, and the contexts
// that viWaitOnEvent handed out and that go with the session. Part of Resource. Any thread.
#pragma once

#include <visa.h>

#include <memory>
#include <set>

#include "lib/base/call.h"
#include "lib/base/thread_annotations.h"
#include "lib/core/object.h"
#include "lib/events/event_hub.h"

namespace visa::core {

class EventObject;

/// A session as its events see it: the hub outlives it where a handler takes its time, and then
/// holds only a weak pointer. Resource is the one that implements it.
class EventOwner : public Object, public std::enable_shared_from_this<EventOwner> {
 public:
  using Object::Object;
  /// The hub's first and last mechanism of a type: what raises it begins and ends.
  virtual Status start_event(ViEventType type) = 0;
  virtual void stop_event(ViEventType type) = 0;
};

class SessionEvents {
 public:
  explicit SessionEvents(EventOwner& owner) noexcept : owner_(owner) {}
  SessionEvents(const SessionEvents&) = delete;
  SessionEvents& operator=(const SessionEvents&) = delete;

  Status install(const events::Handler& handler);
  Status uninstall(const events::Handler& handler);
  Status enable(ViEventType type, ViUInt16 mechanism);
  Status disable(ViEventType type, ViUInt16 mechanism);
  Status discard(ViEventType type, ViUInt16 mechanism);
  Result<events::Occurrence> wait(ViEventType type, Call& call);

  /// Publishes a context that lives until the program or the session closes it. 0 when the session
  /// is being closed.
  Handle hand_out(std::shared_ptr<EventObject> context);
  void forget(Handle context);

  /// The hub if there is one: what posts events needs none made.
  std::shared_ptr<events::EventHub> hub() const VISA_EXCLUDES(mutex_);

  /// Makes waits look at their cancel tokens.
  void wake();

  /// viClose: no event is delivered any more, no context is left.
  void close();

 private:
  std::shared_ptr<events::EventHub> make_hub() VISA_EXCLUDES(mutex_);

  EventOwner& owner_;
  mutable Mutex mutex_;
  std::shared_ptr<events::EventHub> hub_ VISA_GUARDED_BY(mutex_);
  std::set<Handle> contexts_ VISA_GUARDED_BY(mutex_);
  bool closed_ VISA_GUARDED_BY(mutex_) = false;
};

}  // namespace visa::core
