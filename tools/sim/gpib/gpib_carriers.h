// SPDX-License-Identifier: MIT
// What carries the lines of an adapter: a TCP port, or a pseudo-terminal. One client at a time:
// over TCP the connection of a second one ends at once. Owned by a GpibServer; on the bench's
// thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/gpib/gpib_adapter.h"
#include "tools/sim/gpib/gpib_tcp_connection.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/serial/watched_terminal.h"

namespace visa::sim {

/// One client over TCP. While another has the adapter, it ends at once.
class GpibAdapterConnection final : public GpibTcpConnection {
 public:
  GpibAdapterConnection(TcpServer& server, GpibAdapter& adapter, GpibAdapterConnection*& current,
                        FileDescriptor socket);
  ~GpibAdapterConnection() override;

 private:
  bool gone() const;

  GpibAdapter& adapter_;
  GpibAdapterConnection*& current_;  // the client that has the adapter
};

/// The port of an adapter, over TCP.
class GpibTcpPort {
 public:
  GpibTcpPort(EventLoop& loop, GpibAdapter& adapter, const std::string& address,
              std::uint16_t port);
  std::uint16_t port() const noexcept { return server_.port(); }
  std::size_t clients() const noexcept { return server_.clients(); }

 private:
  GpibAdapterConnection* current_ = nullptr;
  TcpServer server_;
};

/// The serial port of an adapter.
class GpibSerialPort final : public WatchedTerminal::User,
                             public TimerSource,
                             private GpibAdapter::Carrier {
 public:
  GpibSerialPort(EventLoop& loop, GpibAdapter& adapter, std::string path);
  ~GpibSerialPort() override;

  const std::string& path() const noexcept { return port_.terminal().path(); }
  bool connected() const noexcept { return connected_; }

  void on_events(std::uint32_t events) override;
  std::optional<Clock::time_point> due() const override;
  void on_due(Clock::time_point now) override;

 private:
  void on_opened() override;
  void on_adapter_changed() override { changed_ = true; }
  void connect();
  void disconnect();
  void receive();
  void send();
  void settle();

  EventLoop& loop_;
  GpibAdapter& adapter_;
  WatchedTerminal port_;
  bool connected_ = false;
  bool changed_ = false;
};

}  // namespace visa::sim
