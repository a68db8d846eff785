// SPDX-License-Identifier: MIT
// The incoming connections for service requests, and how long each may stay. An instrument may
// connect from any address (several network cards, a gateway, NAT). Only the handle in its service
// requests proves that it is an instrument, and the first of them may be hours away. So unproven
// callers are admitted too, within bounds that keep strangers from using up descriptors or shutting
// an instrument out:
//
//   - Proven callers stay as long as the session whose handle they showed, at most kMostEach for
//     each session: some instruments connect again without closing the earlier connection. One too
//     many replaces the one that has shown its handle the longest ago.
//   - Unproven callers that were expected (they connected while create_intr_chan was in progress,
//     or from the address of an instrument) stay while there is room.
//   - Other unproven callers stay for kMostUnproven.
//   - There is room for kMostEach unproven callers for each session and kSpare more. When it is
//     full, a newcomer always comes in, because the connections that are there may be dead. It
//     replaces an unexpected caller or, if there is none, an expected one: the oldest from the
//     address that has the most, the newcomer included. So many callers from one address displace
//     only each other.
//
// Used by the server thread only; no locks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "drivers/vxi11/interrupt_message.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/deadline.h"

namespace visa::drivers::vxi11 {

/// One incoming connection. IPv4 addresses are numbers in the computer's byte order.
struct InterruptCaller {
  ChildClosedFd socket;
  std::uint32_t local = 0;  // the address it connected to
  std::uint32_t peer = 0;   // the address it connected from
  bool expected = false;
  Deadline since = Deadline::immediate();
  const void* owner = nullptr;   // the session whose handle it has shown
  std::uint64_t shown = 0;       // the place of its latest valid handle among those of all callers
  unsigned unknown_handles = 0;  // how many handles it has shown that belong to no session
  InterruptMessages messages;

  bool proven() const noexcept { return owner != nullptr; }
};

/// Accepts the next connection of a listening socket, with keepalive. Without a socket if there is
/// none, or the system gives no descriptor (errno).
InterruptCaller accept_caller(int listener);

class InterruptCallers {
 public:
  static constexpr std::size_t kMostEach = 4;
  static constexpr std::size_t kSpare = 16;
  static constexpr std::chrono::seconds kMostUnproven{20};
  /// An unproven caller that has shown this many unknown handles is dropped.
  static constexpr unsigned kMostUnknown = 8;

  /// Admits a caller, in a process with `sessions` registered sessions. May drop another unproven
  /// caller in its favour.
  void admit(InterruptCaller caller, std::size_t sessions);

  /// Notes that `caller` has shown the handle of `owner`; may close another connection of `owner`.
  void prove(InterruptCaller& caller, const void* owner) noexcept;

  /// Notes that `caller` has shown an unknown handle. False if its connection has to be closed.
  static bool doubt(InterruptCaller& caller) noexcept;

  /// Drops the callers without a socket and those whose time is over.
  void tidy(Deadline::Clock::time_point now);

  /// When the time of the next caller is over; infinite if no caller has a time limit.
  Deadline next_end() const noexcept;

  std::vector<InterruptCaller>& all() noexcept { return all_; }

 private:
  std::size_t from(std::uint32_t peer) const noexcept;
  void make_room(std::uint32_t newcomer);

  std::vector<InterruptCaller> all_;  // oldest first
  std::uint64_t handles_shown_ = 0;   // valid ones, by all callers
};

}  // namespace visa::drivers::vxi11
