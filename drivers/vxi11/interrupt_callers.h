// SPDX-License-Identifier: MIT
// The connections that have come in for service requests, and how long each may stay. An instrument
// may call from any address (several network cards, a gateway, NAT): the handle it shows is what
// proves it, and only with its first service request, which may be hours away. So others are let in
// too, within bounds that keep strangers from using up descriptors or keeping an instrument out:
//
//   - Proven callers stay with the session whose handle they showed, kMostEach for each session:
//   some
//     instruments forget to end the connection before.
//   - Unproven ones that were expected (they came while create_intr_chan was in progress, or from
//     the address of an instrument) stay while there is room.
//   - Other unproven ones stay for kMostUnproven.
//   - There is room for kMostEach unproven callers for each session and kSpare more. In a full
//   house
//     a newcomer takes the place of the oldest unexpected one; where there is none, of the newest
//     one from the address that has the most, so that a crowd from one address crowds out itself.
//
// Values of the thread that serves them, no locks.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "drivers/vxi11/interrupt_message.h"
#include "lib/base/child_closed_fd.h"
#include "lib/base/deadline.h"

namespace visa::drivers::vxi11 {

/// IPv4 addresses as numbers.
struct InterruptCaller {
  ChildClosedFd socket;
  std::uint32_t local = 0;  // where it called
  std::uint32_t peer = 0;   // from where
  bool expected = false;
  Deadline since = Deadline::immediate();
  const void* owner = nullptr;   // the session whose handle it has shown
  unsigned unknown_handles = 0;  // how often it has shown a handle of nobody
  InterruptMessages messages;

  bool proven() const noexcept { return owner != nullptr; }
};

class InterruptCallers {
 public:
  static constexpr std::size_t kMostEach = 4;
  static constexpr std::size_t kSpare = 16;
  static constexpr std::chrono::seconds kMostUnproven{20};
  /// An unproven caller that has shown so many handles of nobody is none.
  static constexpr unsigned kMostUnknown = 8;

  /// Takes a caller in, for a process with so many sessions that listen; somebody else may have to
  /// go for it, or it is not taken.
  void admit(InterruptCaller caller, std::size_t sessions);

  /// `caller` has shown the handle of `owner`.
  void prove(InterruptCaller& caller, const void* owner) noexcept;

  /// It has shown a handle of nobody. False when it has to go.
  static bool doubt(InterruptCaller& caller) noexcept;

  /// Drops those without a socket and those whose time is over.
  void tidy(Deadline::Clock::time_point now);

  /// When the next one's time is over; infinite where none is on time.
  Deadline next_end() const noexcept;

  std::vector<InterruptCaller>& all() noexcept { return all_; }

 private:
  std::size_t from(std::uint32_t peer) const noexcept;
  bool make_room(std::uint32_t newcomer);

  std::vector<InterruptCaller> all_;  // the oldest first
};

}  // namespace visa::drivers::vxi11
