// SPDX-License-Identifier: MIT
// The sockets that instruments call back to: one for each address of this computer that instruments
// are reached from, because that is the address they reach it by. Guarded by its owner.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/child_closed_fd.h"

namespace visa::drivers::vxi11 {

/// An address as VXI-11 sends it: 192.168.0.1 is 0xC0A80001.
std::uint32_t ipv4_of(const Endpoint& endpoint) noexcept;

class InterruptListeners {
 public:
  /// The port of the one at the address of `local`, which is made where there is none; nothing
  /// where the system gives no socket.
  std::optional<std::uint16_t> open(const Endpoint& local);

  /// Closes those whose address is not wanted any more.
  void close_unless(const std::function<bool(std::uint32_t address)>& wanted);
  void close_all() noexcept { all_.clear(); }

  /// Adds each of them, for reading.
  void watch(std::vector<pollfd>& watched) const;

 private:
  struct Listener {
    ChildClosedFd socket;
    std::uint32_t address;
    std::uint16_t port;
  };
  std::vector<Listener> all_;
};

}  // namespace visa::drivers::vxi11
