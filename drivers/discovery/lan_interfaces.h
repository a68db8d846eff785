// SPDX-License-Identifier: MIT
// The networks that this computer is connected to and can send questions to. Value types and free
// functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "drivers/common/endpoint.h"
#include "lib/base/call.h"

namespace visa::drivers {

/// Further interfaces, and further networks of one interface, are not searched.
inline constexpr std::size_t kMostInterfaces = 32;
inline constexpr std::size_t kMostSubnets = 8;

/// An IPv4 network; addresses in the computer's byte order.
struct Subnet {
  std::uint32_t address = 0;  // of this computer
  std::uint32_t mask = 0;
  std::uint32_t broadcast = 0;  // 0: none, as on point-to-point links

  bool contains(std::uint32_t other) const noexcept { return (other & mask) == (address & mask); }
  friend bool operator==(const Subnet&, const Subnet&) = default;
};

struct LanInterface {
  std::string name;
  unsigned index = 0;
  bool multicast = false;
  bool ipv6 = false;  // has an IPv6 address other than a link-local one
  std::vector<Subnet> subnets;

  friend bool operator==(const LanInterface&, const LanInterface&) = default;
};

/// The interfaces that are up and connected, without the loopback. Empty, with a detail, if the
/// system does not list them.
std::vector<LanInterface> lan_interfaces(Call& call);

/// An IPv4 address in the computer's byte order; 0 for an IPv6 endpoint.
std::uint32_t ipv4_bits(const Endpoint& endpoint) noexcept;
Endpoint ipv4_endpoint(std::uint32_t bits, std::uint16_t port) noexcept;

}  // namespace visa::drivers
