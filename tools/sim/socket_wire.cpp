// SPDX-License-Identifier: MIT
#include "tools/sim/socket_wire.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "tools/sim/listener.h"
#include "tools/sim/socket_connection.h"

namespace visa::sim {
namespace {

constexpr int kAcceptsInOneTurn = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

SocketWire::SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
                       std::uint16_t port)
    : loop_(loop),
      instrument_(instrument),
      address_(address),
      receive_buffer_(std::make_unique<char[]>(kReceiveBytes)) {
  listener_ = listen_on(address, port);
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

// What a client on this machine connects to when the bench listens on every address.
std::string SocketWire::resource_name() const {
  std::string host = address_;
  if (host == "0.0.0.0") {
    host = "127.0.0.1";
  } else if (host.find(':') != std::string::npos) {
    host = "[" + (host == "::" ? std::string("::1") : host) + "]";
  }
  return "TCPIP0::" + host + "::" + std::to_string(port_) + "::SOCKET";
}

void SocketWire::wake_at(SocketConnection& connection, Clock::time_point when) {
  if (connection.waits_until && *connection.waits_until <= when) {
    return;
  }
  forget_wake(connection);
  waiting_.emplace(when, &connection);
  connection.waits_until = when;
}

void SocketWire::forget_wake(SocketConnection& connection) {
  if (connection.waits_until) {
    waiting_.erase({*connection.waits_until, &connection});
    connection.waits_until.reset();
  }
}

std::optional<Clock::time_point> SocketWire::due() const {
  if (waiting_.empty()) {
    return accept_again_;
  }
  const auto first = waiting_.begin()->first;
  return accept_again_ ? std::min(first, *accept_again_) : first;
}

void SocketWire::forget(SocketConnection& connection) {
  forget_wake(connection);
  connections_.erase(&connection);
}

void SocketWire::pause_accepting() {
  accept_again_ = Clock::now() + kAcceptPause;
  loop_.modify(listener_.get(), 0, *this);
}

void SocketWire::on_due(Clock::time_point now) {
  if (accept_again_ && *accept_again_ <= now) {
    accept_again_.reset();
    loop_.modify(listener_.get(), EPOLLIN, *this);
  }
  // What is woken in here has its turn in the next round of the loop.
  for (std::size_t left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
    const auto [when, connection] = *waiting_.begin();
    if (when > now) {
      return;
    }
    forget_wake(*connection);
    connection->on_due(now);
  }
}

}  // namespace visa::sim
