// SPDX-License-Identifier: MIT
// The adapter outlives the programs that have the port open and keeps its settings between them.
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "tools/sim/gpib/gpib_carriers.h"

namespace visa::sim {

GpibSerialPort::GpibSerialPort(EventLoop& loop, GpibAdapter& adapter, std::string path)
    : loop_(loop), adapter_(adapter), port_(loop, std::move(path), *this) {
  loop_.add_timer(*this);
}

GpibSerialPort::~GpibSerialPort() {
  loop_.remove_timer(*this);
  if (connected_) adapter_.end();
}

void GpibSerialPort::on_opened() {
  if (!connected_ && port_.terminal().connected()) connect();
}

void GpibSerialPort::connect() {
  connected_ = true;
  adapter_.begin(*this);
  settle();
}

void GpibSerialPort::disconnect() {
  port_.watch(0);
  connected_ = false;
  adapter_.end();
  port_.terminal().forget_unread();
  if (port_.terminal().connected()) connect();  // opened anew meanwhile
}

void GpibSerialPort::on_events(std::uint32_t events) {
  if ((events & EPOLLIN) != 0) {
    receive();
  } else if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    disconnect();
  } else {
    settle();
  }
}

void GpibSerialPort::receive() {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(port_.fd(), buffer.data(), buffer.size());
  if (count < 0) {
    if (errno != EAGAIN && errno != EINTR) disconnect();
    return;
  }
  adapter_.receive({buffer.data(), static_cast<std::size_t>(count)});
  settle();
}

std::optional<Clock::time_point> GpibSerialPort::due() const {
  if (!connected_) return std::nullopt;
  if (changed_) return Clock::now();
  return adapter_.due();
}

void GpibSerialPort::on_due(Clock::time_point now) {
  changed_ = false;
  adapter_.go_on(now);
  settle();
}

/// Sends what the port takes.
void GpibSerialPort::send() {
  OutputQueue& output = adapter_.output();
  while (!output.empty()) {
    std::array<iovec, 8> vectors;
    const std::size_t count = output.gather(vectors);
    const ssize_t sent = ::writev(port_.fd(), vectors.data(), static_cast<int>(count));
    if (sent <= 0) break;
    output.consume(static_cast<std::size_t>(sent));
  }
}

void GpibSerialPort::settle() {
  OutputQueue& output = adapter_.output();
  if (!output.empty()) {
    send();
    adapter_.go_on(Clock::now());  // it may have waited for the client to read
  }
  if (adapter_.ending() && output.empty()) {  // the converter is pulled out
    connected_ = false;
    adapter_.end();
    port_.replug();
    return;
  }
  std::uint32_t wanted = EPOLLHUP;
  if (adapter_.accepting()) wanted |= EPOLLIN;
  if (!output.empty()) wanted |= EPOLLOUT;
  port_.watch(wanted);
}

}  // namespace visa::sim
