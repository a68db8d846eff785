// SPDX-License-Identifier: MIT
// A connection may go while it is served, so nothing here touches one after its callback.
#include "tools/sim/net/tcp_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "tools/sim/net/listener.h"

namespace visa::sim {
namespace {

constexpr int kAcceptsInOneTurn = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

TcpServer::TcpServer(EventLoop& loop, const std::string& address, std::uint16_t port,
                     MakeConnection make_connection)
    : loop_(loop),
      make_connection_(std::move(make_connection)),
      receive_buffer_(std::make_unique<char[]>(kReceiveBytes)) {
  listener_ = listen_on(address, port);
  port_ = bound_port(listener_.get());
  loop_.add(listener_.get(), EPOLLIN, *this);
  loop_.add_timer(*this);
}

TcpServer::~TcpServer() {
  loop_.remove_timer(*this);
  loop_.remove(listener_.get());
}

void TcpServer::on_events(std::uint32_t) {
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
    return;  // no client waits, or the one that waited is gone again
  }
}

void TcpServer::admit(FileDescriptor socket) {
  if (connections_.size() >= kMostClients) {
    return;  // closed by its owner: an instrument with no connection left does the same
  }
  const int yes = 1;
  static_cast<void>(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  static_cast<void>(::setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes));
  adopt(make_connection_(std::move(socket)));
}

void TcpServer::adopt(std::unique_ptr<TcpConnection> connection) {
  const TcpConnection* const key = connection.get();
  connections_.emplace(key, std::move(connection));
}

void TcpServer::wake_at(TcpConnection& connection, Clock::time_point when) {
  if (connection.waits_until_ && *connection.waits_until_ <= when) return;
  forget_wake(connection);
  waiting_.emplace(when, &connection);
  connection.waits_until_ = when;
}

void TcpServer::forget_wake(TcpConnection& connection) {
  if (connection.waits_until_) {
    waiting_.erase({*connection.waits_until_, &connection});
    connection.waits_until_.reset();
  }
}

std::optional<Clock::time_point> TcpServer::due() const {
  if (waiting_.empty()) return accept_again_;
  const auto first = waiting_.begin()->first;
  return accept_again_ ? std::min(first, *accept_again_) : first;
}

void TcpServer::forget(TcpConnection& connection) {
  forget_wake(connection);
  connections_.erase(&connection);
}

void TcpServer::pause_accepting() {
  accept_again_ = Clock::now() + kAcceptPause;
  loop_.modify(listener_.get(), 0, *this);
}

void TcpServer::on_due(Clock::time_point now) {
  if (accept_again_ && *accept_again_ <= now) {
    accept_again_.reset();
    loop_.modify(listener_.get(), EPOLLIN, *this);
  }
  // What is woken in here has its turn in the next round of the loop.
  for (std::size_t left = waiting_.size(); left > 0 && !waiting_.empty(); --left) {
    const auto [when, connection] = *waiting_.begin();
    if (when > now) return;
    forget_wake(*connection);
    connection->on_due(now);
  }
}

}  // namespace visa::sim
