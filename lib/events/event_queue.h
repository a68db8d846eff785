// SPDX-License-Identifier: MIT
// Occurrences in the order they came, over all event types, bounded (docs/locks-and-events.md B4):
// when the queue is full, the NEW occurrence is dropped and the queue remembers that. Serves as the
// standard queue (VI_QUEUE) and as the suspend queue (VI_SUSPEND_HNDLR). Not thread-safe: the hub
// guards it.
#pragma once

#include <visa.h>

#include <cstddef>
#include <deque>
#include <optional>

#include "lib/events/event_record.h"

namespace visa::events {

class EventQueue {
 public:
  struct Taken {
    Occurrence occurrence;
    bool more = false;        // another one that matches is left
    bool overflowed = false;  // occurrences were dropped since the last one was taken
  };

  /// False when the queue holds `limit` occurrences already: this one is dropped.
  bool push(Occurrence occurrence, std::size_t limit);

  /// The oldest of `type`, or of any type for VI_ALL_ENABLED_EVENTS.
  std::optional<Taken> take(ViEventType type);

  bool holds(ViEventType type) const noexcept;

  /// Drops the occurrences of `type` (exactly; no wildcard here) and returns how many there were.
  std::size_t discard(ViEventType type);

  std::size_t size() const noexcept { return entries_.size(); }
  void clear() noexcept;

 private:
  std::deque<Occurrence> entries_;
  bool overflowed_ = false;
};

}  // namespace visa::events
