// SPDX-License-Identifier: MIT
// The far end of a TCP connection in the hands of a test: most tests hold both ends on one thread,
// which leaves nothing to chance. No operation here waits longer than kPatience.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/common/endpoint.h"
#include "lib/base/unique_fd.h"

namespace visa::test {

inline constexpr std::chrono::seconds kPatience{30};

/// Our end as the instrument sees it.
class PeerEnd {
 public:
  PeerEnd() = default;
  explicit PeerEnd(UniqueFd fd) : fd_(std::move(fd)) {
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }

  /// Sends all; false when the client went away.
  bool send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t sent = ::send(fd_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// `size` bytes, fewer when the client closed.
  std::string receive(std::size_t size) const {
    std::string data(size, '\0');
    std::size_t count = 0;
    while (count < size) {
      const ssize_t got = ::recv(fd_.get(), data.data() + count, size - count, 0);
      if (got <= 0) break;
      count += static_cast<std::size_t>(got);
    }
    data.resize(count);
    return data;
  }

  /// What recv says next: 0 after an orderly close, -1 after a reset.
  ssize_t next() const {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, 0);
  }

  void close() { fd_.reset(); }

  /// Ends the connection with a reset.
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    fd_.reset();
  }

  int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

/// A listening socket on a port of its own.
class LoopbackServer {
 public:
  explicit LoopbackServer(int family = AF_INET, int backlog = 16) {
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool is_v6 = family == AF_INET6;
    const auto* address =
        is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
    const socklen_t size = is_v6 ? sizeof v6 : sizeof v4;
    listener_ = UniqueFd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.get(), address, size) != 0) throw std::runtime_error("bind");
    if (backlog >= 0 && ::listen(listener_.get(), backlog) != 0) throw std::runtime_error("listen");
    sockaddr_in6 own{};
    socklen_t own_size = sizeof own;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&own), &own_size);
    endpoint_ = drivers::Endpoint(reinterpret_cast<const sockaddr*>(&own), own_size);
  }

  /// Takes the next connection.
  PeerEnd accept() const {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(kPatience.count()) * 1000) <= 0) {
      throw std::runtime_error("nobody connected");
    }
    return PeerEnd(UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

  std::uint16_t port() const { return endpoint_.port(); }
  int fd() const { return listener_.get(); }
  const drivers::Endpoint& endpoint() const { return endpoint_; }

 private:
  UniqueFd listener_;
  drivers::Endpoint endpoint_;
};

/// A port that is taken but where nobody listens: connecting to it is refused. Held while alive.
class RefusedPort : public LoopbackServer {
 public:
  explicit RefusedPort(int family = AF_INET) : LoopbackServer(family, -1) {}
};

inline bool have_ipv6() {
  const UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  return fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6) == 0;
}

}  // namespace visa::test
