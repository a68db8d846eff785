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
  if (unproven >= most) make_room(caller.peer);
  all_.push_back(std::move(caller));
}

/// The number of unproven callers from one address.
std::size_t InterruptCallers::from(std::uint32_t peer) const noexcept {
  return static_cast<std::size_t>(std::count_if(all_.begin(), all_.end(), [&](const auto& one) {
    return !one.proven() && one.peer == peer;
  }));
}

/// Drops one unproven caller in favour of the newcomer.
void InterruptCallers::make_room(std::uint32_t newcomer) {
  const auto crowd = [&](const InterruptCaller& one) {
    return from(one.peer) + (one.peer == newcomer ? 1 : 0);
  };
  auto victim = all_.end();
  for (auto one = all_.begin(); one != all_.end(); ++one) {
    if (one->proven()) continue;
    const bool better = victim == all_.end() || (victim->expected && !one->expected) ||
                        (victim->expected == one->expected && crowd(*one) > crowd(*victim));
    if (better) victim = one;
  }
  if (victim != all_.end()) all_.erase(victim);
}

void InterruptCallers::prove(InterruptCaller& caller, const void* owner) noexcept {
  caller.shown = ++handles_shown_;
  if (caller.owner == owner) return;
  caller.owner = owner;
  std::size_t others = 0;
  InterruptCaller* stalest = nullptr;
  for (InterruptCaller& one : all_) {
    if (one.owner != owner || !one.socket || &one == &caller) continue;
    ++others;
    if (stalest == nullptr || one.shown < stalest->shown) stalest = &one;
  }
  if (others >= kMostEach) stalest->socket.reset();
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
