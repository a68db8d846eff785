// SPDX-License-Identifier: MIT
// The shared sockets are bound to the multicast group's address, not to the wildcard address: they
// receive what is sent to the group, and take no unicast datagram away from another program on that
// port.
#include "drivers/discovery/lan_sockets.h"

#include <linux/filter.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "drivers/common/socket_error.h"

namespace visa::drivers {
namespace {

constexpr std::uint32_t kGroup4 = 0xE00000FB;  // 224.0.0.251
constexpr int kHops = 255;                     // RFC 6762 section 11
constexpr int kOn = 1;

sockaddr_in group4(std::uint16_t port) {
  sockaddr_in group{};
  group.sin_family = AF_INET;
  group.sin_addr.s_addr = htonl(kGroup4);
  group.sin_port = htons(port);
  return group;
}

sockaddr_in6 group6(std::uint16_t port, unsigned interface) {
  sockaddr_in6 group{};
  group.sin6_family = AF_INET6;
  group.sin6_addr.s6_addr[0] = 0xff;
  group.sin6_addr.s6_addr[1] = 0x02;
  group.sin6_addr.s6_addr[15] = 0xfb;
  group.sin6_port = htons(port);
  group.sin6_scope_id = interface;
  return group;
}

ChildClosedFd udp_socket(int family) {
  auto fd = ChildClosedFd::made_by(
      [&] { return ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  if (!fd) return fd;
  if (family == AF_INET) {
    ::setsockopt(fd.get(), IPPROTO_IP, IP_MULTICAST_TTL, &kHops, sizeof kHops);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &kOn, sizeof kOn);
  } else {
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &kOn, sizeof kOn);
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &kHops, sizeof kHops);
  }
  return fd;
}

// Both options, because it is unknown which of them the other program has set.
void share_port(int fd) {
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &kOn, sizeof kOn);
}

template <class Address>
const sockaddr* generic(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// The packet filter of one family: drops datagrams whose sender is among `senders`.
std::vector<sock_filter> filter_of(int family, std::span<const Endpoint> senders) {
  constexpr auto kNetworkHeader = static_cast<std::uint32_t>(SKF_NET_OFF);
  const std::uint32_t source = kNetworkHeader + (family == AF_INET ? 12 : 8);
  const std::size_t words = family == AF_INET ? 1 : 4;
  std::vector<sock_filter> program;
  for (const Endpoint& sender : senders) {
    if (sender.family() != family) continue;
    const auto* const bytes =
        reinterpret_cast<const std::byte*>(sender.address()) +
        (family == AF_INET ? offsetof(sockaddr_in, sin_addr) : offsetof(sockaddr_in6, sin6_addr));
    for (std::size_t i = 0; i < words; ++i) {
      std::uint32_t word;
      std::memcpy(&word, bytes + i * sizeof word, sizeof word);
      const auto to_the_next = static_cast<std::uint8_t>(2 * (words - i) - 1);
      program.push_back(
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, source + static_cast<std::uint32_t>(i * sizeof word)));
      program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(word), 0, to_the_next));
    }
    program.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF));
  return program;
}

}  // namespace

LanSockets::LanSockets(const std::vector<LanInterface>& interfaces, std::uint16_t mdns_port)
    : mdns_port_(mdns_port) {
  const auto has = [&](auto what) {
    return std::any_of(interfaces.begin(), interfaces.end(), what);
  };
  if (has([](const LanInterface& one) { return !one.subnets.empty(); })) open_own(AF_INET);
  if (has([](const LanInterface& one) { return one.multicast && !one.subnets.empty(); })) {
    open_shared4(interfaces);
  }
  if (has([](const LanInterface& one) { return one.multicast && one.ipv6; })) open_own(AF_INET6);
  for (const LanInterface& one : interfaces) {
    if (one.multicast && one.ipv6) open_shared6(one);
  }
}

void LanSockets::open_own(int family) {
  ChildClosedFd fd = udp_socket(family);
  if (!fd) return trouble("no socket", errno);
  sockaddr_in6 any{};
  any.sin6_family = static_cast<sa_family_t>(family);
  const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof any;
  if (::bind(fd.get(), generic(any), size) != 0) return trouble("no port", errno);
  sockets_.push_back({std::move(fd), family, false, 0});
}

void LanSockets::open_shared4(const std::vector<LanInterface>& interfaces) {
  ChildClosedFd fd = udp_socket(AF_INET);
  if (!fd) return trouble("no socket", errno);
  share_port(fd.get());
  const sockaddr_in group = group4(mdns_port_);
  if (::bind(fd.get(), generic(group), sizeof group) != 0) {
    return trouble("the mDNS port cannot be shared", errno);
  }
  for (const LanInterface& one : interfaces) {
    if (!one.multicast || one.subnets.empty()) continue;
    const ip_mreqn membership{group.sin_addr, {}, static_cast<int>(one.index)};
    if (::setsockopt(fd.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership)) {
      trouble(one.name + ": the mDNS group cannot be joined", errno);
    }
  }
  sockets_.push_back({std::move(fd), AF_INET, true, 0});
}

void LanSockets::open_shared6(const LanInterface& interface) {
  ChildClosedFd fd = udp_socket(AF_INET6);
  if (!fd) return trouble("no socket", errno);
  share_port(fd.get());
  const sockaddr_in6 group = group6(mdns_port_, interface.index);
  if (::bind(fd.get(), generic(group), sizeof group) != 0) {
    return trouble(interface.name + ": the mDNS port cannot be shared (IPv6)", errno);
  }
  const ipv6_mreq membership{group.sin6_addr, interface.index};
  if (::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &membership, sizeof membership)) {
    return trouble(interface.name + ": the mDNS group cannot be joined (IPv6)", errno);
  }
  sockets_.push_back({std::move(fd), AF_INET6, true, interface.index});
}

bool LanSockets::multicast(const Socket& socket, const LanInterface& interface,
                           std::span<const std::byte> message) {
  if (!interface.multicast) return false;
  iovec data{const_cast<std::byte*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  sockaddr_in to4 = group4(mdns_port_);
  sockaddr_in6 to6 = group6(mdns_port_, interface.index);
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(in_pktinfo))> control{};
  if (socket.family == AF_INET) {
    if (interface.subnets.empty()) return false;
    header.msg_name = &to4;
    header.msg_namelen = sizeof to4;
    // Send through this interface, whatever the routes say: there may be none for multicast.
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = IPPROTO_IP;
    part->cmsg_type = IP_PKTINFO;
    part->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(interface.index);
    info.ipi_spec_dst.s_addr = htonl(interface.subnets.front().address);
    std::memcpy(CMSG_DATA(part), &info, sizeof info);
  } else {
    if (!interface.ipv6) return false;
    header.msg_name = &to6;
    header.msg_namelen = sizeof to6;
  }
  if (::sendmsg(socket.fd.get(), &header, MSG_NOSIGNAL) >= 0) return true;
  trouble(interface.name + ": multicast", errno);
  return false;
}

bool LanSockets::datagram(const Endpoint& to, std::span<const std::byte> message) {
  for (const Socket& socket : sockets_) {
    if (socket.family != AF_INET || socket.shared) continue;
    if (::sendto(socket.fd.get(), message.data(), message.size(), MSG_NOSIGNAL, to.address(),
                 to.size()) >= 0) {
      return true;
    }
    trouble("to " + to.numeric(), errno);
  }
  return false;
}

void LanSockets::ignore(const Endpoint& sender) {
  Endpoint address = sender;
  address.set_port(0);
  if (ignored_.size() == kMostIgnored ||
      std::find(ignored_.begin(), ignored_.end(), address) != ignored_.end()) {
    return;
  }
  ignored_.push_back(address);
  std::vector<sock_filter> program = filter_of(address.family(), ignored_);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  for (const Socket& socket : sockets_) {
    if (socket.family != address.family()) continue;
    // If the system refuses the filter, LanSearch still reads the datagrams and drops them.
    ::setsockopt(socket.fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
  }
}

void LanSockets::trouble(const std::string& what, int error) {
  if (troubles_.size() == kMostTroubles) return;
  std::string text = what + ": " + std::string(connect_error(error).cause) + " (errno " +
                     std::to_string(error) + ")";
  if (std::find(troubles_.begin(), troubles_.end(), text) != troubles_.end()) return;
  troubles_.push_back(std::move(text));
}

}  // namespace visa::drivers
