// SPDX-License-Identifier: MIT
// The sockets of one search: for each family one of a port of its own, to which answers come
// directly, and one that shares port 5353 with whatever mDNS responder runs here, because some
// instruments answer by multicast only. What cannot be had is done without, and noted. One thread.
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
    unsigned interface = 0;  // sends and hears there only; 0: everywhere
  };

  /// `mdns_port` is 5353 for everybody but tests.
  LanSockets(const std::vector<LanInterface>& interfaces, std::uint16_t mdns_port);

  std::span<const Socket> all() const noexcept { return sockets_; }

  /// To the mDNS group of `socket`'s family on `interface`; false when it went nowhere.
  bool multicast(const Socket& socket, const LanInterface& interface,
                 std::span<const std::byte> message);

  /// From the IPv4 port of its own; an address that is a broadcast address is one.
  bool datagram(const Endpoint& to, std::span<const std::byte> message);

  /// Lets the system drop what comes from that address, whatever its port, so that it no longer
  /// fills the queues in which the answers of others wait. At most kMostIgnored; more come through.
  void ignore(const Endpoint& sender);

  /// What could not be had or sent, one text each; at most kMostTroubles.
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
