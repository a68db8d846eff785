// SPDX-License-Identifier: MIT
// An IPv4 or IPv6 address and a port, in the form that socket calls take. A value type.
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
  /// Copies `size` bytes, at most the size of a sockaddr_in6.
  Endpoint(const sockaddr* address, socklen_t size) noexcept;

  const sockaddr* address() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return storage_.sin6_family; }
  std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;

  /// The numeric address ("192.0.2.1", "fe80::1%eth0"), without the port.
  std::string numeric() const;

  /// The same address, port and (IPv6) scope.
  friend bool operator==(const Endpoint& a, const Endpoint& b) noexcept;

 private:
  sockaddr_in6 storage_{};  // sockaddr_in is smaller and has family and port at the same offsets
  socklen_t size_ = 0;
};

/// Parses a numeric address, which needs no name server: four decimal numbers (no other form that
/// inet_aton accepts, because it reads a leading zero as octal), or IPv6 without brackets, with
/// %zone where it needs one. The port is 0; nothing for any other text. Never waits.
std::optional<Endpoint> numeric_endpoint(const std::string& host) noexcept;

/// True if numeric_endpoint can parse it.
bool is_numeric_host(const std::string& host) noexcept;

}  // namespace visa::drivers
