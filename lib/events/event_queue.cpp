// SPDX-License-Identifier: MIT
// The queue covers all event types, so every operation filters by type (docs/locks-and-events.md
// B4).
#include "lib/events/event_queue.h"

#include <algorithm>
#include <utility>

namespace visa::events {
namespace {

bool matches(const Occurrence& occurrence, ViEventType type) noexcept {
  return type == VI_ALL_ENABLED_EVENTS || occurrence->type == type;
}

}  // namespace

bool EventQueue::push(Occurrence occurrence, std::size_t limit) {
  if (entries_.size() >= limit) {
    overflowed_ = true;
    return false;
  }
  entries_.push_back(std::move(occurrence));
  return true;
}

std::optional<EventQueue::Taken> EventQueue::take(ViEventType type) {
  const auto wanted = [type](const Occurrence& entry) { return matches(entry, type); };
  const auto found = std::find_if(entries_.begin(), entries_.end(), wanted);
  if (found == entries_.end()) return std::nullopt;
  Taken taken;
  taken.occurrence = std::move(*found);
  const auto next = entries_.erase(found);
  taken.more = std::any_of(next, entries_.end(), wanted);
  taken.overflowed = std::exchange(overflowed_, false);
  return taken;
}

bool EventQueue::holds(ViEventType type) const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [type](const Occurrence& entry) { return matches(entry, type); });
}

std::size_t EventQueue::discard(ViEventType type) {
  const auto dropped =
      std::erase_if(entries_, [type](const Occurrence& entry) { return entry->type == type; });
  if (entries_.empty()) overflowed_ = false;
  return dropped;
}

void EventQueue::clear() noexcept {
  entries_.clear();
  overflowed_ = false;
}

}  // namespace visa::events
