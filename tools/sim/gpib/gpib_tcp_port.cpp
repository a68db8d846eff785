// SPDX-License-Identifier: MIT
// The connection reads nothing while the adapter has enough to work off: TCP then stops its client.
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "tools/sim/gpib/gpib_carriers.h"
#include "tools/sim/net/socket_output.h"

namespace visa::sim {

GpibTcpConnection::GpibTcpConnection(TcpServer& server, GpibAdapter& adapter,
                                     GpibTcpConnection*& current, FileDescriptor socket)
    : server_(server),
      adapter_(adapter),
      current_(current),
      socket_(std::move(socket)),
      watched_(EPOLLIN) {
  if (current_ != nullptr && current_->gone()) server_.forget(*current_);
  if (current_ != nullptr) {
    server_.wake_at(*this, Clock::now());  // to be closed
    return;
  }
  current_ = this;
  adapter_.begin(*this);
  server_.loop().add(socket_.get(), watched_, *this);
}

/// The client has closed it, and nobody has looked since.
bool GpibTcpConnection::gone() const {
  char next = 0;
  return ::recv(socket_.get(), &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

GpibTcpConnection::~GpibTcpConnection() {
  if (current_ != this) return;
  server_.loop().remove(socket_.get());
  current_ = nullptr;
  adapter_.end();
}

void GpibTcpConnection::on_events(std::uint32_t events) {
  server_.serve(*this, [&] { return serve(events); });
}

void GpibTcpConnection::on_due(Clock::time_point now) {
  server_.serve(*this, [&] {
    if (current_ != this) return false;
    adapter_.go_on(now);
    return settle();
  });
}

// Called while an instrument is at work: go on from the timer.
void GpibTcpConnection::on_adapter_changed() {
  server_.wake_at(*this, Clock::now());
}

bool GpibTcpConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) return false;
  if ((events & EPOLLIN) != 0 && (watched_ & EPOLLIN) != 0) {
    const ssize_t count =
        ::recv(socket_.get(), server_.receive_buffer(), TcpServer::kReceiveBytes, MSG_DONTWAIT);
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    adapter_.receive({server_.receive_buffer(), static_cast<std::size_t>(count)});
  } else if ((events & EPOLLHUP) != 0) {
    return false;
  }
  return settle();
}

bool GpibTcpConnection::settle() {
  if (!adapter_.output().empty() && !send_queue(socket_.get(), adapter_.output())) return false;
  if (adapter_.ending() && adapter_.output().empty()) return false;
  std::uint32_t wanted = 0;
  if (adapter_.accepting()) wanted |= EPOLLIN;
  if (!adapter_.output().empty()) wanted |= EPOLLOUT;
  if (wanted != watched_) {
    watched_ = wanted;
    server_.loop().modify(socket_.get(), wanted, *this);
  }
  if (const auto due = adapter_.due()) server_.wake_at(*this, *due);
  return true;
}

GpibTcpPort::GpibTcpPort(EventLoop& loop, GpibAdapter& adapter, const std::string& address,
                         std::uint16_t port)
    : server_(loop, address, port, [this, &adapter](FileDescriptor socket) {
        return std::make_unique<GpibTcpConnection>(server_, adapter, current_, std::move(socket));
      }) {}

}  // namespace visa::sim
