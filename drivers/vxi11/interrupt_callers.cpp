// SPDX-License-Identifier: MIT
// Invariant: all_ is in order of arrival, so the first match of a search is the oldest caller.
#include "drivers/vxi11/interrupt_callers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "drivers/common/connector.h"

namespace visa::drivers::vxi11 {
namespace {

/// Seconds of silence before the system probes a caller: the connection of an instrument that was
/// switched off would otherwise stay for ever. Service requests may be hours apart.
constexpr int kIdle = 60;

}  // namespace

InterruptCaller accept_caller(int listener) {
  sockaddr_in peer{};
  sockaddr_in local{};
  socklen_t size = sizeof peer;
  InterruptCaller caller;
  caller.socket = ChildClosedFd::made_by([&] {
    return ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
  });
  if (!caller.socket) return caller;
  size = sizeof local;
  if (::getsockname(caller.socket.get(), reinterpret_cast<sockaddr*>(&local), &size) != 0) {
    caller.socket.reset();
    return caller;
  }
  probe_when_idle(caller.socket.get(), kIdle);  // refused: as good a caller as before
  caller.peer = ntohl(peer.sin_addr.s_addr);
  caller.local = ntohl(local.sin_addr.s_addr);
  caller.since = Deadline::at(Deadline::Clock::now());
  return caller;
}

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
