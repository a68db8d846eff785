// SPDX-License-Identifier: MIT
// getifaddrs reports one entry per address; entries of one interface, also those under a label such
// as eth0:1, are joined here.
#include "drivers/discovery/lan_interfaces.h"

#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "drivers/discovery/mdns_browser.h"

namespace visa::drivers {
namespace {

std::uint32_t bits_of(const sockaddr* address) {
  if (address == nullptr || address->sa_family != AF_INET) return 0;
  return ipv4_bits(Endpoint(address, sizeof(sockaddr_in)));
}

Subnet subnet_of(const ifaddrs& entry) {
  Subnet subnet;
  subnet.address = bits_of(entry.ifa_addr);
  subnet.mask = bits_of(entry.ifa_netmask);
  if ((entry.ifa_flags & IFF_BROADCAST) == 0) return subnet;
  subnet.broadcast = bits_of(entry.ifa_broadaddr);
  // An interface that was configured by hand may lack a broadcast address; the system then reports
  // none, or the interface's own address. It treats the last address of the network as broadcast
  // address, if the network has room for one.
  if (subnet.broadcast == 0 || subnet.broadcast == subnet.address) {
    const bool roomy = subnet.mask != 0 && ~subnet.mask > 1;
    subnet.broadcast = roomy ? subnet.address | ~subnet.mask : 0;
  }
  return subnet;
}

}  // namespace

std::vector<LanInterface> lan_interfaces(Call& call) {
  std::vector<LanInterface> list;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    call.detail = "the system does not list its network interfaces";
    return list;
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> frees(first, ::freeifaddrs);
  constexpr unsigned kUp = IFF_UP | IFF_RUNNING;
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & kUp) != kUp ||
        (entry->ifa_flags & IFF_LOOPBACK) != 0) {
      continue;
    }
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    // A link-local address does not count: every virtual cable to a container has one, and leads to
    // no instrument.
    if (family == AF_INET6 && !usable_address(Endpoint(entry->ifa_addr, sizeof(sockaddr_in6)))) {
      continue;
    }
    const std::string_view label = entry->ifa_name;  // "eth0:1": a second address of eth0
    const std::string name(label.substr(0, label.find(':')));
    auto one = std::find_if(list.begin(), list.end(),
                            [&](const LanInterface& known) { return known.name == name; });
    if (one == list.end()) {
      const unsigned index = ::if_nametoindex(name.c_str());
      if (index == 0 || list.size() == kMostInterfaces) continue;  // gone meanwhile
      one = list.insert(list.end(), {name, index, false, false, {}});
      one->multicast = (entry->ifa_flags & IFF_MULTICAST) != 0;
    }
    if (family == AF_INET6) {
      one->ipv6 = true;
    } else if (one->subnets.size() < kMostSubnets) {
      one->subnets.push_back(subnet_of(*entry));
    }
  }
  return list;
}

std::uint32_t ipv4_bits(const Endpoint& endpoint) noexcept {
  if (endpoint.family() != AF_INET) return 0;
  sockaddr_in v4;
  std::memcpy(&v4, endpoint.address(), sizeof v4);
  return ntohl(v4.sin_addr.s_addr);
}

Endpoint ipv4_endpoint(std::uint32_t bits, std::uint16_t port) noexcept {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(bits);
  v4.sin_port = htons(port);
  return Endpoint(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
}

}  // namespace visa::drivers
