// SPDX-License-Identifier: MIT
// Every socket is non-blocking and closed on exec; an error is thrown with address and port in it.
#include "tools/sim/net/listener.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace visa::sim {
namespace {

constexpr int kBacklog = 1024;

[[noreturn]] void fail(int error, const std::string& address, std::uint16_t port) {
  throw std::system_error(error, std::generic_category(),
                          "cannot listen on " + address + " port " + std::to_string(port));
}

socklen_t socket_address(const std::string& address, std::uint16_t port, sockaddr_storage& out) {
  std::memset(&out, 0, sizeof out);
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&out, &v6, sizeof v6);
    return sizeof v6;
  }
  fail(EINVAL, address, port);
}

}  // namespace

FileDescriptor listen_on(const std::string& address, std::uint16_t port) {
  sockaddr_storage name{};
  const socklen_t length = socket_address(address, port, name);
  FileDescriptor listener(::socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  if (!listener || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0 ||
      ::listen(listener.get(), kBacklog) != 0) {
    fail(errno, address, port);
  }
  return listener;
}

FileDescriptor datagram_socket(const std::string& address, std::uint16_t port) {
  sockaddr_storage name{};
  const socklen_t length = socket_address(address, port, name);
  FileDescriptor result(::socket(name.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!result || ::bind(result.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0) {
    fail(errno, address, port);
  }
  return result;
}

std::vector<std::string> broadcast_addresses(const std::string& address) {
  std::vector<std::string> result;
  in_addr own{};
  ifaddrs* interfaces = nullptr;
  if (::inet_pton(AF_INET, address.c_str(), &own) != 1 || own.s_addr == 0 ||
      ::getifaddrs(&interfaces) != 0) {
    return result;
  }
  for (const ifaddrs* one = interfaces; one != nullptr; one = one->ifa_next) {
    const bool usable = one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET &&
                        (one->ifa_flags & IFF_BROADCAST) != 0 && one->ifa_broadaddr != nullptr;
    sockaddr_in name{};
    if (!usable ||
        (std::memcpy(&name, one->ifa_addr, sizeof name), name.sin_addr.s_addr) != own.s_addr) {
      continue;
    }
    std::memcpy(&name, one->ifa_broadaddr, sizeof name);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &name.sin_addr, text.data(), text.size());
    result = {text.data(), "255.255.255.255"};
  }
  ::freeifaddrs(interfaces);
  return result;
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::system_error(errno, std::generic_category(), "getsockname");
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    return ntohs(v6.sin6_port);
  }
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

std::string resource_host(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address.find(':') == std::string::npos) return address;
  return "[" + (address == "::" ? std::string("::1") : address) + "]";
}

}  // namespace visa::sim
