// SPDX-License-Identifier: MIT
// An address and a port, IPv4 or IPv6, as the socket calls want it. A value type.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace visa::drivers {

class Endpoint {
 public:
  Endpoint() noexcept = default;
  /// A copy of `size` bytes, at most those of a sockaddr_in6.
  Endpoint(const sockaddr* address, socklen_t size) noexcept;

  const sockaddr* address() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return storage_.sin6_family; }
  std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;

  /// The address in figures ("192.0.2.1", "fe80::1%eth0"), without the port.
  std::string numeric() const;

  /// The same address, port and (IPv6) scope.
  friend bool operator==(const Endpoint& a, const Endpoint& b) noexcept;

 private:
  sockaddr_in6 storage_{};  // the larger of the two; sockaddr_in has family and port in its place
  socklen_t size_ = 0;
};

/// An address in figures, which needs no name server: four decimal numbers (no other form of
/// inet_aton, which takes a number with a leading zero for an octal one), or IPv6 without brackets,
/// with %zone where it needs one. Port 0; nothing for everything else. Never waits.
std::optional<Endpoint> numeric_endpoint(const std::string& host) noexcept;

/// True where numeric_endpoint has one.
bool is_numeric_host(const std::string& host) noexcept;

}  // namespace visa::drivers
