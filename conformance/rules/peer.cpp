// SPDX-License-Identifier: MIT
// A mutex guards what the rule and the thread of the peer share; no thread waits for the network
// under it.
#include "conformance/rules/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "conformance/rules/check.h"

namespace visa::rules {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

bool readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, 10'000) > 0;
}

}  // namespace

std::string Peer::Line::receive() {
  for (;;) {
    const auto end = ahead_.find('\n');
    if (end != std::string::npos) {
      const std::string line = ahead_.substr(0, end + 1);
      ahead_.erase(0, end + 1);
      return line;
    }
    char buffer[4096];
    const ssize_t count = readable(fd_) ? ::recv(fd_, buffer, sizeof buffer, 0) : -1;
    if (count <= 0) return std::exchange(ahead_, {});
    ahead_.append(buffer, static_cast<std::size_t>(count));
    const std::lock_guard lock(peer_.mutex_);
    peer_.received_.append(buffer, static_cast<std::size_t>(count));
    peer_.changed_.notify_all();
  }
}

bool Peer::Line::send(const std::string& data) {
  return ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL) > 0;
}

void Peer::Line::wait() {
  std::unique_lock lock(peer_.mutex_);
  peer_.changed_.wait_until(lock, Clock::now() + kPatience, [this] { return peer_.go_ > 0; });
  if (peer_.go_ > 0) --peer_.go_;
}

void Peer::Line::close() {
  ::shutdown(fd_, SHUT_RDWR);
}

void Peer::Line::reset() {
  const linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  const std::lock_guard lock(peer_.mutex_);
  peer_.connection_ = -1;
  ::close(fd_);
}

Peer::Peer(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 4) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw NotShown{"no port for a peer can be had"};
  }
  resource_ = "TCPIP0::127.0.0.1::" + std::to_string(ntohs(address.sin_port)) + "::SOCKET";
  thread_ = std::thread([this] { serve(); });
}

Peer::~Peer() {
  {
    const std::lock_guard lock(mutex_);
    go_ = 1000;
    changed_.notify_all();
    if (connection_ >= 0) ::shutdown(connection_, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void Peer::serve() {
  const int fd = readable(listener_) ? ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
  if (fd >= 0) {
    {
      const std::lock_guard lock(mutex_);
      connection_ = fd;
    }
    Line line(*this, fd);
    script_(line);
  }
  std::unique_lock lock(mutex_);
  finished_ = true;
  changed_.notify_all();
  // The connection stays open after the script: only the script decides to close it.
  changed_.wait_until(lock, Clock::now() + 6 * kPatience, [this] { return go_ >= 1000; });
  if (connection_ >= 0) ::close(connection_);
  connection_ = -1;
}

void Peer::go() {
  const std::lock_guard lock(mutex_);
  ++go_;
  changed_.notify_all();
}

bool Peer::finished() {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, Clock::now() + kPatience, [this] { return finished_; });
}

std::string Peer::received() {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::string Peer::received(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, Clock::now() + kPatience / 2,
                      [&] { return received_.size() >= count; });
  return received_;
}

}  // namespace visa::rules
