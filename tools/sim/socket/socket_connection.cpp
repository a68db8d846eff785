// SPDX-License-Identifier: MIT
// Bytes that came while output or a delay comes first stand in held_, and no others are read.
#include "tools/sim/socket/socket_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "tools/sim/net/socket_output.h"

namespace visa::sim {
namespace {

void log_sent(const Link& link, std::span<const iovec> vectors, std::size_t count) {
  std::string bytes;
  for (const iovec& vector : vectors) {
    const std::size_t here = std::min(count, vector.iov_len);
    bytes.append(static_cast<const char*>(vector.iov_base), here);
    count -= here;
    if (count == 0) break;
  }
  link.log("out", bytes);
}

}  // namespace

SocketConnection::SocketConnection(TcpServer& server, Instrument& instrument, FileDescriptor socket)
    : server_(server),
      socket_(std::move(socket)),
      link_(instrument, Exchange::stream, this),
      watched_(EPOLLIN) {
  server_.loop().add(socket_.get(), watched_, *this);
  if (link_.logged()) link_.log("open", peer());
}

SocketConnection::~SocketConnection() {
  if (link_.logged()) {
    link_.log("close", {});
  }
  server_.loop().remove(socket_.get());
}

void SocketConnection::on_events(std::uint32_t events) {
  server_.serve(*this, [&] { return serve(events); });
}

void SocketConnection::on_due(Clock::time_point now) {
  server_.serve(*this, [&] {
    link_.release(now);
    return !dropped_ && resume();
  });
}

bool SocketConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) return false;
  if ((events & EPOLLIN) != 0 && watched_ == EPOLLIN) return receive();
  if (watched_ == EPOLLOUT) return (events & (EPOLLOUT | EPOLLHUP)) == 0 || resume();
  return (events & EPOLLHUP) == 0;
}

bool SocketConnection::receive() {
  char* const buffer = server_.receive_buffer();
  const ssize_t count = ::recv(socket_.get(), buffer, TcpServer::kReceiveBytes, MSG_DONTWAIT);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (count == 0) {
    // A client may ask, finish sending and then read the answer: its end is only seen here, after
    // all output has gone, because nothing is received while output waits.
    return false;
  }
  const std::string_view input(buffer, static_cast<std::size_t>(count));
  if (link_.logged()) link_.log("in", input);
  return execute(input);
}

bool SocketConnection::execute(std::string_view input) {
  while (true) {
    input.remove_prefix(link_.receive(input, false));
    if (!link_.output().empty() && !flush()) return false;
    if (!link_.output().empty() || link_.holding()) {
      held_.assign(input);
      return settle();
    }
    if (input.empty()) return watched_ == EPOLLIN || settle();
  }
}

bool SocketConnection::flush() {
  const bool alive = link_.logged()
                         ? send_queue(socket_.get(), link_.output(),
                                      [this](std::span<const iovec> vectors, std::size_t count) {
                                        log_sent(link_, vectors, count);
                                      })
                         : send_queue(socket_.get(), link_.output());
  link_.refill(1);  // an answer without end goes on when TCP takes more, after the other clients
  return alive;
}

bool SocketConnection::resume() {
  if (!flush()) return false;
  if (!link_.output().empty() || link_.holding()) return settle();
  const std::string input = std::exchange(held_, {});
  return input.empty() ? settle() : execute(input);
}

// Watches for what has to come next; false when nothing has.
bool SocketConnection::settle() {
  std::uint32_t wanted = EPOLLIN;
  if (!link_.output().empty()) {
    wanted = EPOLLOUT;
  } else if (link_.ending() != Link::Ending::none) {
    if (link_.ending() == Link::Ending::reset) end_by_reset(socket_.get());
    return false;
  } else if (link_.holding()) {
    wanted = 0;
    if (const auto due = link_.due()) server_.wake_at(*this, *due);
  }
  if (wanted != watched_) {
    watched_ = wanted;
    server_.loop().modify(socket_.get(), wanted, *this);
  }
  return true;
}

// Called from inside the instrument: the wire goes on from its timer.
void SocketConnection::on_late_answer() {
  server_.wake_at(*this, Clock::now());
}

void SocketConnection::on_drop(bool reset) {
  if (reset) end_by_reset(socket_.get());
  dropped_ = true;
  server_.wake_at(*this, Clock::now());
}

std::string SocketConnection::peer() const {
  return peer_name(socket_.get());
}

}  // namespace visa::sim
