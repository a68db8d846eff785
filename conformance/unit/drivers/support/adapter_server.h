// SPDX-License-Identifier: MIT
// The adapter in memory (adapter_model.h) behind a TCP port, served by a thread, for what a
// connection must be there for. It serves one connection after the other, until it goes.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/adapter_model.h"
#include "conformance/unit/drivers/support/loopback.h"

namespace visa::drivers::gpib {

class AdapterServer {
 public:
  AdapterServer() : thread_([this] { serve(); }) {}
  ~AdapterServer() {
    stopped_ = true;
    ::shutdown(server_.fd(), SHUT_RDWR);
    thread_.join();
  }
  AdapterServer(const AdapterServer&) = delete;
  AdapterServer& operator=(const AdapterServer&) = delete;

  std::string target() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  /// Ends the connection that is served.
  void drop() { drops_ = true; }
  unsigned connections() const { return connections_; }

  template <class Action>
  void with_model(Action&& action) {
    const std::lock_guard lock(mutex_);
    action(model_);
  }

 private:
  void serve() {
    while (!stopped_) {
      pollfd waiting{server_.fd(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0 || stopped_) continue;
      const UniqueFd socket(::accept4(server_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) continue;
      ++connections_;
      talk(socket.get());
    }
  }

  void talk(int socket) {
    Call call(Deadline::immediate());
    while (!stopped_ && !drops_.exchange(false)) {
      std::array<std::byte, 4096> buffer{};
      pollfd waiting{socket, POLLIN, 0};
      if (::poll(&waiting, 1, 5) <= 0) continue;
      const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      const std::lock_guard lock(mutex_);
      model_.send(std::span(buffer).first(static_cast<std::size_t>(got)), call);
      const std::string out = std::exchange(model_.incoming, {});
      if (::send(socket, out.data(), out.size(), MSG_NOSIGNAL) < 0) return;
    }
  }

  test::LoopbackServer server_;
  std::mutex mutex_;
  AdapterModel model_;
  std::atomic<bool> stopped_{false};
  std::atomic<bool> drops_{false};
  std::atomic<unsigned> connections_{0};
  std::thread thread_;
};

}  // namespace visa::drivers::gpib
