// SPDX-License-Identifier: MIT
// The master is in the event loop only while a program has the port open: otherwise it would report
// a hang-up without end.
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "tools/sim/gpib/gpib_carriers.h"

namespace visa::sim {

GpibSerialPort::GpibSerialPort(EventLoop& loop, GpibAdapter& adapter, std::string path)
    : loop_(loop), adapter_(adapter), terminal_(std::move(path)), openings_(*this) {
  openings_.notify = FileDescriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!openings_.notify) throw std::system_error(errno, std::generic_category(), "inotify");
  openings_.watch(terminal_.node());
  loop_.add(openings_.notify.get(), EPOLLIN, openings_);
  loop_.add_timer(*this);
}

GpibSerialPort::~GpibSerialPort() {
  loop_.remove_timer(*this);
  loop_.remove(openings_.notify.get());
  if (watched_ != 0) loop_.remove(terminal_.fd());
  if (connected_) adapter_.end();
}

void GpibSerialPort::Openings::watch(const std::string& node) {
  if (watch_ >= 0) ::inotify_rm_watch(notify.get(), watch_);
  watch_ = ::inotify_add_watch(notify.get(), node.c_str(), IN_OPEN);
  if (watch_ < 0) throw std::system_error(errno, std::generic_category(), node);
}

void GpibSerialPort::Openings::on_events(std::uint32_t) {
  std::array<char, 4096> drained;
  while (::read(notify.get(), drained.data(), drained.size()) > 0) {
  }
  if (!port_.connected_ && port_.terminal_.connected()) port_.connect();
}

void GpibSerialPort::watch(std::uint32_t events) {
  if (events == watched_) return;
  const std::uint32_t before = std::exchange(watched_, events);
  if (before == 0) {
    loop_.add(terminal_.fd(), events, *this);
  } else if (events == 0) {
    loop_.remove(terminal_.fd());
  } else {
    loop_.modify(terminal_.fd(), events, *this);
  }
}

void GpibSerialPort::connect() {
  connected_ = true;
  adapter_.begin(*this);
  settle();
}

void GpibSerialPort::disconnect() {
  watch(0);
  connected_ = false;
  adapter_.end();
  terminal_.forget_unread();
  if (terminal_.connected()) connect();  // opened anew meanwhile
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
  const ssize_t count = ::read(terminal_.fd(), buffer.data(), buffer.size());
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
    const ssize_t sent = ::writev(terminal_.fd(), vectors.data(), static_cast<int>(count));
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
    watch(0);
    connected_ = false;
    adapter_.end();
    terminal_.replug();
    openings_.watch(terminal_.node());
    return;
  }
  std::uint32_t wanted = EPOLLHUP;
  if (adapter_.accepting()) wanted |= EPOLLIN;
  if (!output.empty()) wanted |= EPOLLOUT;
  watch(wanted);
}

}  // namespace visa::sim
