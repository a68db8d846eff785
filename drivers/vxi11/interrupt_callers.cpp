// SPDX-License-Identifier: MIT
// Invariant: all_ is in order of arrival, so the first match of a search is the oldest caller.
#include "drivers/vxi11/interrupt_callers.h"

#include <algorithm>
#include <utility>

namespace visa::drivers::vxi11 {

void InterruptCallers::admit(InterruptCaller caller, std::size_t sessions) {
  const std::size_t most = sessions * kMostEach + kSpare;
  const auto unproven = static_cast<std::size_t>(
      std::count_if(all_.begin(), all_.end(), [](const auto& one) { return !one.proven(); }));
  if (unproven >= most && !make_room(caller.peer)) return;
  all_.push_back(std::move(caller));
}

/// The number of unproven callers from one address.
std::size_t InterruptCallers::from(std::uint32_t peer) const noexcept {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& one) {
    return !one.proven() && one.peer == peer;
  }));
}

/// Drops one unproven caller in favour of the newcomer; false if the newcomer must be dropped.
bool InterruptCallers::make_room(std::uint32_t newcomer) {
  auto victim = all_.end();
  for (auto one = all_.begin(); one != all_.end(); ++one) {
    if (one->proven()) continue;
    if (victim == all_.end()) {
      victim = one;
    } else if (one->expected != victim->expected) {
      if (victim->expected) victim = one;
    } else if (one->expected ? from(one->peer) >= from(victim->peer)
                             : from(one->peer) > from(victim->peer)) {
      victim = one;
    }
  }
  if (victim == all_.end()) return false;
  if (victim->expected && from(newcomer) >= from(victim->peer)) return false;
  all_.erase(victim);
  return true;
}

void InterruptCallers::prove(InterruptCaller& caller, const void* owner) noexcept {
  if (caller.owner == owner) return;
  caller.owner = owner;
  const auto of_owner = [&](const InterruptCaller& one) {
    return one.owner == owner && one.socket && &one != &caller;
  };
  if (static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), of_owner)) < kMostEach) {
    return;
  }
  std::find_if(all_.begin(), all_.end(), of_owner)->socket.reset();
}

bool InterruptCallers::doubt(InterruptCaller& caller) noexcept {
  return caller.proven() || ++caller.unknown_handles < kMostUnknown;
}

void InterruptCallers::tidy(Deadline::Clock::time_point now) {
  std::erase_if(all_, [&](const InterruptCaller& one) {
    const bool stays = one.proven() || one.expected;
    return !one.socket || (!stays && now >= one.since.time_point() + kMostUnproven);
  });
}

Deadline InterruptCallers::next_end() const noexcept {
  Deadline next = Deadline::infinite();
  for (const InterruptCaller& one : all_) {
    if (one.proven() || one.expected) continue;
    next = std::min(next, Deadline::at(one.since.time_point() + kMostUnproven));
  }
  return next;
}

}  // namespace visa::drivers::vxi11
