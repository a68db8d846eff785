// SPDX-License-Identifier: MIT
// The sockets of one search: for each family one with a port of its own, which receives answers by
// unicast, and one that shares port 5353 with the mDNS responder of this computer, because some
// instruments answer by multicast only. If a socket cannot be opened, the search works without it
// and the reason is noted. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "drivers/discovery/lan_interfaces.h"
#include "lib/base/child_closed_fd.h"

namespace visa::drivers {

inline constexpr std::uint16_t kMdnsPort = 5353;

class LanSockets {
 public:
  struct Socket {
    ChildClosedFd fd;
    int family = 0;
    bool shared = false;     // has the mDNS port
    unsigned interface = 0;  // the only one it sends and receives on; 0: all
  };

  /// `mdns_port` is 5353 except in tests.
  LanSockets(const std::vector<LanInterface>& interfaces, std::uint16_t mdns_port);

  std::span<const Socket> all() const noexcept { return sockets_; }

  /// Sends to the mDNS group of `socket`'s family on `interface`; false if it could not be sent.
  bool multicast(const Socket& socket, const LanInterface& interface,
                 std::span<const std::byte> message);

  /// Sends from the search's own IPv4 port; `to` may be a broadcast address. False if it could not
  /// be sent.
  bool datagram(const Endpoint& to, std::span<const std::byte> message);

  /// Makes the system drop datagrams from that address, whatever their port, so that they no longer
  /// fill the queues in which other answers wait. At most kMostIgnored addresses; further calls
  /// have no effect.
  void ignore(const Endpoint& sender);

  /// The sockets that could not be opened and messages that could not be sent, one text each; at
  /// most kMostTroubles.
  const std::vector<std::string>& troubles() const noexcept { return troubles_; }

 private:
  static constexpr std::size_t kMostTroubles = 16;
  static constexpr std::size_t kMostIgnored = 16;

  void open_own(int family);
  void open_shared4(const std::vector<LanInterface>& interfaces);
  void open_shared6(const LanInterface& interface);
  void trouble(const std::string& what, int error);

  const std::uint16_t mdns_port_;
  std::vector<Socket> sockets_;
  std::vector<std::string> troubles_;
  std::vector<Endpoint> ignored_;  // port 0
};

}  // namespace visa::drivers
