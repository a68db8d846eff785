// SPDX-License-Identifier: MIT
#include "tools/sim/socket_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <span>
#include <utility>

#include "tools/sim/socket_wire.h"

namespace visa::sim {
namespace {

constexpr std::size_t kVectors = 16;
constexpr int kSendsInOneTurn = 16;  // then other clients have their turn

void log_sent(const Link& link, std::span<const iovec> vectors, std::size_t count) {
  std::string bytes;
  for (const iovec& vector : vectors) {
    const std::size_t here = std::min(count, vector.iov_len);
    bytes.append(static_cast<const char*>(vector.iov_base), here);
    count -= here;
    if (count == 0) {
      break;
    }
  }
  link.log("out", bytes);
}

}  // namespace

SocketConnection::SocketConnection(SocketWire& wire, FileDescriptor socket)
    : wire_(wire),
      socket_(std::move(socket)),
      link_(wire.instrument_, Exchange::stream, this),
      watched_(EPOLLIN) {
  wire_.loop_.add(socket_.get(), watched_, *this);
  if (link_.logged()) {
    link_.log("open", peer());
  }
}

SocketConnection::~SocketConnection() {
  if (link_.logged()) {
    link_.log("close", {});
  }
  wire_.loop_.remove(socket_.get());
}

void SocketConnection::on_events(std::uint32_t events) {
  bool alive = false;
  try {
    alive = serve(events);
  } catch (const std::bad_alloc&) {
    // This client asked for more than there is; the others are served on.
  }
  if (!alive) {
    wire_.forget(*this);
  }
}

void SocketConnection::on_due(Clock::time_point now) {
  bool alive = false;
  try {
    link_.release(now);
    alive = !dropped_ && resume();
  } catch (const std::bad_alloc&) {
    // as above
  }
  if (!alive) {
    wire_.forget(*this);
  }
}

bool SocketConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    return false;
  }
  if ((events & EPOLLIN) != 0 && watched_ == EPOLLIN) {
    return receive();
  }
  if (watched_ == EPOLLOUT) {
    return (events & (EPOLLOUT | EPOLLHUP)) == 0 || resume();
  }
  return (events & EPOLLHUP) == 0;
}

bool SocketConnection::receive() {
  char* const buffer = wire_.receive_buffer_.get();
  const ssize_t count = ::recv(socket_.get(), buffer, SocketWire::kReceiveBytes, MSG_DONTWAIT);
  if (count < 0) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  }
  if (count == 0) {
    // A client may ask, finish sending and then read the answer: its end is only seen here, after
    // all output has gone, because nothing is received while output waits.
    return false;
  }
  const std::string_view input(buffer, static_cast<std::size_t>(count));
  if (link_.logged()) {
    link_.log("in", input);
  }
  return execute(input);
}

bool SocketConnection::execute(std::string_view input) {
  while (true) {
    input.remove_prefix(link_.receive(input, false));
    if (!link_.output().empty() && !flush()) {
      return false;
    }
    if (!link_.output().empty() || link_.holding()) {
      held_.assign(input);
      return settle();
    }
    if (input.empty()) {
      return watched_ == EPOLLIN || settle();
    }
  }
}

bool SocketConnection::flush() {
  OutputQueue& output = link_.output();
  std::array<iovec, kVectors> vectors;
  for (int i = 0; i < kSendsInOneTurn && !output.empty(); ++i) {
    const std::size_t filled = output.gather(vectors);
    ssize_t sent = 0;
    if (filled == 1) {
      sent = ::send(socket_.get(), vectors[0].iov_base, vectors[0].iov_len,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    } else {
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = filled;
      sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    if (link_.logged()) {
      log_sent(link_, std::span(vectors).first(filled), static_cast<std::size_t>(sent));
    }
    output.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

bool SocketConnection::resume() {
  if (!flush()) {
    return false;
  }
  if (!link_.output().empty() || link_.holding()) {
    return settle();
  }
  const std::string input = std::exchange(held_, {});
  return input.empty() ? settle() : execute(input);
}

// Watches for what has to come next; false when nothing has.
bool SocketConnection::settle() {
  std::uint32_t wanted = EPOLLIN;
  if (!link_.output().empty()) {
    wanted = EPOLLOUT;
  } else if (link_.ending() != Link::Ending::none) {
    if (link_.ending() == Link::Ending::reset) {
      end_by_reset();
    }
    return false;
  } else if (link_.holding()) {
    wanted = 0;
    if (const auto due = link_.due()) {
      wire_.wake_at(*this, *due);
    }
  }
  if (wanted != watched_) {
    watched_ = wanted;
    wire_.loop_.modify(socket_.get(), wanted, *this);
  }
  return true;
}

// Called from inside the instrument: the wire goes on from its timer.
void SocketConnection::on_late_answer() {
  wire_.wake_at(*this, Clock::now());
}

void SocketConnection::on_drop(bool reset) {
  if (reset) {
    end_by_reset();
  }
  dropped_ = true;
  wire_.wake_at(*this, Clock::now());
}

void SocketConnection::end_by_reset() noexcept {
  const linger abort{1, 0};
  static_cast<void>(::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort));
}

std::string SocketConnection::peer() const {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (::getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return {};
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(v6.sin6_port));
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(v4.sin_port));
}

}  // namespace visa::sim
