// SPDX-License-Identifier: MIT
#include "tools/sim/socket_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <new>
#include <utility>

#include "tools/sim/socket_wire.h"

namespace visa::sim {
namespace {

constexpr std::size_t kVectors = 16;
constexpr int kSendsInOneTurn = 16;  // then other clients have their turn

}  // namespace

SocketConnection::SocketConnection(SocketWire& wire, FileDescriptor socket)
    : wire_(wire), socket_(std::move(socket)), link_(wire.instrument_, Exchange::stream, this) {
  wire_.loop_.add(socket_.get(), EPOLLIN, *this);
}

SocketConnection::~SocketConnection() {
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

bool SocketConnection::serve(std::uint32_t events) {
  if ((events & EPOLLERR) != 0) {
    return false;
  }
  if (waits_for_output_) {
    return (events & (EPOLLOUT | EPOLLHUP)) == 0 || resume();
  }
  return receive();
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
  return execute({buffer, static_cast<std::size_t>(count)});
}

bool SocketConnection::execute(std::string_view input) {
  while (true) {
    input.remove_prefix(link_.receive(input, false));
    if (link_.output().empty()) {
      if (input.empty()) {
        return true;
      }
      continue;
    }
    if (!flush()) {
      return false;
    }
    if (!link_.output().empty()) {
      held_.assign(input);
      wait_for(true);
      return true;
    }
    if (input.empty()) {
      return true;
    }
  }
}

bool SocketConnection::flush() {
  OutputQueue& output = link_.output();
  std::array<iovec, kVectors> vectors{};
  for (int i = 0; i < kSendsInOneTurn && !output.empty(); ++i) {
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = output.gather(vectors);
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno == EAGAIN || errno == EWOULDBLOCK;
    }
    output.consume(static_cast<std::size_t>(sent));
  }
  return true;
}

bool SocketConnection::resume() {
  if (!flush()) {
    return false;
  }
  if (!link_.output().empty()) {
    return true;
  }
  const std::string input = std::exchange(held_, {});
  if (!input.empty() && !execute(input)) {
    return false;
  }
  if (!link_.output().empty()) {
    return true;
  }
  wait_for(false);
  return true;
}

void SocketConnection::wait_for(bool output) {
  if (waits_for_output_ != output) {
    waits_for_output_ = output;
    wire_.loop_.modify(socket_.get(), output ? EPOLLOUT : EPOLLIN, *this);
  }
}

// Called from inside the instrument: a failure here is left to the next event of this socket.
void SocketConnection::on_late_answer() {
  if (waits_for_output_) {
    return;
  }
  if (!flush()) {
    static_cast<void>(::shutdown(socket_.get(), SHUT_RDWR));
  } else if (!link_.output().empty()) {
    wait_for(true);
  }
}

}  // namespace visa::sim
