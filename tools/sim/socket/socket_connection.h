// SPDX-License-Identifier: MIT
// One client of a SocketWire. Owned by its server; on the bench's thread only.
//
// Either it reads, or it has output that TCP does not take yet, or something is held back (a delay,
// a fault); in the last two it reads nothing more, so a client that sends without reading is
// stopped by TCP and not by our memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/base/file_descriptor.h"
#include "tools/sim/engine/link.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class SocketConnection : public TcpConnection, private LinkEvents {
 public:
  SocketConnection(TcpServer& server, Instrument& instrument, FileDescriptor socket);
  ~SocketConnection() override;

  void on_events(std::uint32_t events) override;
  void on_due(Clock::time_point now) override;

 private:
  /// Each returns false when the connection is over.
  bool serve(std::uint32_t events);
  bool receive();
  bool execute(std::string_view input);
  bool flush();
  bool resume();
  bool settle();

  void on_late_answer() override;
  void on_drop(bool reset) override;
  std::string peer() const override;

  TcpServer& server_;
  FileDescriptor socket_;
  Link link_;
  std::string held_;  ///< received, not yet executed because output or a delay comes first
  std::uint32_t watched_;
  bool dropped_ = false;
};

}  // namespace visa::sim
