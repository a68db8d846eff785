// SPDX-License-Identifier: MIT
// The socket is in the event loop once there is a conversation.
#include "tools/sim/gpib/gpib_tcp_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "tools/sim/net/socket_output.h"

namespace visa::sim {

GpibTcpConnection::GpibTcpConnection(TcpServer& server, FileDescriptor socket)
    : server_(server), socket_(std::move(socket)) {}

GpibTcpConnection::~GpibTcpConnection() {
  if (conversation_ != nullptr) server_.loop().remove(socket_.get());
}

void GpibTcpConnection::converse(GpibConversation& conversation) {
  conversation_ = &conversation;
  watched_ = EPOLLIN;
  server_.loop().add(socket_.get(), watched_, *this);
}

void GpibTcpConnection::on_events(std::uint32_t events) {
  server_.serve(*this, [&] { return serve(events); });
}

void GpibTcpConnection::on_due(Clock::time_point now) {
  server_.serve(*this, [&] {
    if (conversation_ == nullptr) return false;
    conversation_->go_on(now);
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
    conversation_->receive({server_.receive_buffer(), static_cast<std::size_t>(count)});
  } else if ((events & EPOLLHUP) != 0) {
    return false;
  }
  return settle();
}

bool GpibTcpConnection::settle() {
  OutputQueue& output = conversation_->output();
  if (!output.empty()) {
    if (!send_queue(socket_.get(), output)) return false;
    conversation_->go_on(Clock::now());  // it may have waited for the client to read
  }
  if (conversation_->ending() && output.empty()) {
    if (conversation_->ends_by_reset()) end_by_reset(socket_.get());
    return false;
  }
  std::uint32_t wanted = 0;
  if (conversation_->accepting()) wanted |= EPOLLIN;
  if (!output.empty()) wanted |= EPOLLOUT;
  if (wanted != watched_) {
    watched_ = wanted;
    server_.loop().modify(socket_.get(), wanted, *this);
  }
  if (const auto due = conversation_->due()) server_.wake_at(*this, *due);
  return true;
}

}  // namespace visa::sim
