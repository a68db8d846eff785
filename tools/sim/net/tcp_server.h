// SPDX-License-Identifier: MIT
// A listening port of a wire with its connections: accepts, keeps the connections alive and calls
// those that wait for a time. What crosses them is the business of the TcpConnection a wire makes.
//
// Owned by a wire, on the bench's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/base/timer_source.h"

namespace visa::sim {

class TcpConnection : public EventHandler {
 public:
  /// The time the server was asked for has come. May destroy this connection.
  virtual void on_due(Clock::time_point now) = 0;

 private:
  friend class TcpServer;
  std::optional<Clock::time_point> waits_until_;
};

class TcpServer : public EventHandler, public TimerSource {
 public:
  static constexpr std::size_t kReceiveBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMostClients = 8192;
  using MakeConnection = std::function<std::unique_ptr<TcpConnection>(FileDescriptor socket)>;

  /// Listens on `address` (numeric IPv4 or IPv6) and `port`, 0 = one the system chooses. Throws
  /// std::system_error, whose text names address and port. `loop` outlives the server.
  TcpServer(EventLoop& loop, const std::string& address, std::uint16_t port,
            MakeConnection make_connection);
  ~TcpServer() override;

  std::uint16_t port() const noexcept { return port_; }
  EventLoop& loop() noexcept { return loop_; }
  std::size_t clients() const noexcept { return connections_.size(); }
  /// kReceiveBytes, for whichever connection is being served.
  char* receive_buffer() noexcept { return receive_buffer_.get(); }

  /// None of them may be destroyed in there.
  template <class Function>
  void for_each(Function function) {
    for (const auto& one : connections_) function(*one.second);
  }
  /// Owns it from now on; for connections that were not accepted here, too.
  void adopt(std::unique_ptr<TcpConnection> connection);
  /// Has `turn` serve the connection, which is destroyed if that returns false, or if its client
  /// asked for more memory than there is; the other clients are served on.
  template <class Turn>
  void serve(TcpConnection& connection, Turn turn) {
    bool alive = false;
    try {
      alive = turn();
    } catch (const std::bad_alloc&) {
      // alive stays false
    }
    if (!alive) forget(connection);
  }
  /// Destroys the connection.
  void forget(TcpConnection& connection);
  /// Has its on_due() called then, or earlier if that was asked for already.
  void wake_at(TcpConnection& connection, Clock::time_point when);
  void forget_wake(TcpConnection& connection);

  void on_events(std::uint32_t events) override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  void admit(FileDescriptor socket);
  void pause_accepting();

  EventLoop& loop_;
  MakeConnection make_connection_;
  FileDescriptor listener_;
  std::uint16_t port_ = 0;
  /// Set while the process has no descriptors left: a level-triggered listener would spin.
  std::optional<Clock::time_point> accept_again_;
  std::set<std::pair<Clock::time_point, TcpConnection*>> waiting_;
  std::unordered_map<const TcpConnection*, std::unique_ptr<TcpConnection>> connections_;
  std::unique_ptr<char[]> receive_buffer_;
};

}  // namespace visa::sim
