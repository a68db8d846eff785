// SPDX-License-Identifier: MIT
// The SOCKET wire: an instrument behind a TCP port, lines in, answers out. A stream has no END, no
// device clear and no service request; see Exchange::stream for what that means for unread answers.
//
// Owned by the Bench, on its thread only. Memory a client: its Link, at most kReceiveBytes of input
// that waits while it does not read, and kernel buffers; large blocks are shared, never copied.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "tools/sim/event_loop.h"
#include "tools/sim/file_descriptor.h"
#include "tools/sim/instrument.h"
#include "tools/sim/wire.h"

namespace visa::sim {

class SocketConnection;

class SocketWire : public Wire, public EventHandler, public TimerSource {
 public:
  static constexpr std::size_t kReceiveBytes = 64 * 1024;
  static constexpr std::size_t kMostClients = 8192;

  // Listens on `address` (numeric IPv4 or IPv6) and `port`, 0 = one the system chooses. Throws
  // std::system_error, whose text names address and port. `instrument` and `loop` outlive the wire.
  SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
             std::uint16_t port);
  ~SocketWire() override;

  std::string resource_name() const override;
  std::string configuration() const override { return "VI_ATTR_TERMCHAR_EN = true"; }
  std::uint16_t port() const noexcept override { return port_; }
  std::size_t clients() const noexcept override { return connections_.size(); }

  void on_events(std::uint32_t events) override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  friend class SocketConnection;

  void admit(FileDescriptor socket);
  void forget(SocketConnection& connection);
  void pause_accepting();
  // Has the connection's on_due() called then, or earlier if that was asked for already.
  void wake_at(SocketConnection& connection, Clock::time_point when);
  void forget_wake(SocketConnection& connection);

  EventLoop& loop_;
  Instrument& instrument_;
  FileDescriptor listener_;
  std::string address_;
  std::uint16_t port_ = 0;
  // Set while the process has no descriptors left: a level-triggered listener would spin.
  std::optional<Clock::time_point> accept_again_;
  std::set<std::pair<Clock::time_point, SocketConnection*>> waiting_;
  std::unordered_map<const SocketConnection*, std::unique_ptr<SocketConnection>> connections_;
  std::unique_ptr<char[]> receive_buffer_;  // of whichever connection is being served
};

}  // namespace visa::sim
