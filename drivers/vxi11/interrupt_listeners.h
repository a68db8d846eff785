// SPDX-License-Identifier: MIT
// The listening sockets that instruments connect to: one for each address of this computer from
// which instruments are reached, because they can reach this computer at that address. The owner's
// mutex guards it.
#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/child_closed_fd.h"

namespace visa::drivers::vxi11 {

/// An IPv4 address as VXI-11 sends it: 192.168.0.1 is 0xC0A80001.
std::uint32_t ipv4_of(const Endpoint& endpoint) noexcept;

class InterruptListeners {
 public:
  /// The port of the listener at the address of `local`; opens one if there is none. Nothing if the
  /// system gives no socket.
  std::optional<std::uint16_t> open(const Endpoint& local);

  /// Closes the listeners whose address is no longer wanted.
  void close_unless(const std::function<bool(std::uint32_t address)>& wanted);
  void close_all() noexcept { all_.clear(); }

  /// Appends an entry for each listener, to be polled for reading.
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
