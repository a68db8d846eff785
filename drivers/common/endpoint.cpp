// SPDX-License-Identifier: MIT
// Invariant: storage_ is read as sockaddr_in only through a copy, which aliasing rules demand.
#include "drivers/common/endpoint.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace visa::drivers {
namespace {

sockaddr_in as_ipv4(const Endpoint& endpoint) noexcept {
  sockaddr_in address;
  std::memcpy(&address, endpoint.address(), sizeof address);
  return address;
}

}  // namespace

Endpoint::Endpoint(const sockaddr* address, socklen_t size) noexcept
    : size_(std::min<socklen_t>(size, sizeof storage_)) {
  std::memcpy(&storage_, address, size_);
}

std::uint16_t Endpoint::port() const noexcept {
  return ntohs(storage_.sin6_port);
}

void Endpoint::set_port(std::uint16_t port) noexcept {
  storage_.sin6_port = htons(port);
}

std::string Endpoint::numeric() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    const in_addr address = as_ipv4(*this).sin_addr;
    ::inet_ntop(AF_INET, &address, text.data(), text.size());
    return text.data();
  }
  if (family() != AF_INET6) return "";
  ::inet_ntop(AF_INET6, &storage_.sin6_addr, text.data(), text.size());
  std::string result = text.data();
  if (storage_.sin6_scope_id != 0) {
    std::array<char, IF_NAMESIZE> interface {};
    const bool named = ::if_indextoname(storage_.sin6_scope_id, interface.data()) != nullptr;
    result += '%';
    result += named ? std::string(interface.data()) : std::to_string(storage_.sin6_scope_id);
  }
  return result;
}

bool operator==(const Endpoint& a, const Endpoint& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET) return as_ipv4(a).sin_addr.s_addr == as_ipv4(b).sin_addr.s_addr;
  return a.storage_.sin6_scope_id == b.storage_.sin6_scope_id &&
         std::memcmp(&a.storage_.sin6_addr, &b.storage_.sin6_addr, sizeof(in6_addr)) == 0;
}

std::optional<Endpoint> numeric_endpoint(const std::string& host) noexcept {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    return Endpoint(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  }
  if (host.find(':') == std::string::npos) return std::nullopt;
  addrinfo hints{};
  hints.ai_family = AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const Endpoint endpoint(found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return endpoint;
}

bool is_numeric_host(const std::string& host) noexcept {
  return numeric_endpoint(host).has_value();
}

}  // namespace visa::drivers
