// SPDX-License-Identifier: MIT
#include "tools/sim/socket_wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

#include "tools/sim/socket_connection.h"

namespace visa::sim {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsInOneTurn = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};

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

}  // namespace

SocketWire::SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
                       std::uint16_t port)
    : loop_(loop),
      instrument_(instrument),
      receive_buffer_(std::make_unique<char[]>(kReceiveBytes)) {
  sockaddr_storage name{};
  const socklen_t length = socket_address(address, port, name);
  listener_ =
      FileDescriptor(::socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  if (!listener_ ||
      ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), length) != 0 ||
      ::listen(listener_.get(), kBacklog) != 0) {
    fail(errno, address, port);
  }
  port_ = bound_port(listener_.get());
  loop_.add(listener_.get(), EPOLLIN, *this);
  loop_.add_timer(*this);
}

SocketWire::~SocketWire() {
  loop_.remove_timer(*this);
  loop_.remove(listener_.get());
}

void SocketWire::on_events(std::uint32_t) {
  for (int i = 0; i < kAcceptsInOneTurn; ++i) {
    FileDescriptor socket(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) {
      try {
        admit(std::move(socket));
      } catch (const std::exception&) {  // no memory or no watch for one more; the others go on
        pause_accepting();
        return;
      }
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      pause_accepting();
    }
    return;  // nobody waits, or the one that waited is gone again
  }
}

void SocketWire::admit(FileDescriptor socket) {
  if (connections_.size() >= kMostClients) {
    return;  // closed by its owner: an instrument with no connection left does the same
  }
  const int yes = 1;
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes));
  auto connection = std::make_unique<SocketConnection>(*this, std::move(socket));
  const SocketConnection* const key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void SocketWire::forget(SocketConnection& connection) {
  connections_.erase(&connection);
}

void SocketWire::pause_accepting() {
  accept_again_ = Clock::now() + kAcceptPause;
  loop_.modify(listener_.get(), 0, *this);
}

void SocketWire::on_due(Clock::time_point) {
  accept_again_.reset();
  loop_.modify(listener_.get(), EPOLLIN, *this);
}

}  // namespace visa::sim
