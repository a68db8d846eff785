// SPDX-License-Identifier: MIT
// The SOCKET wire: an instrument behind a TCP port, lines in, answers out. A stream has no END, no
// device clear and no service request; see Exchange::stream for what that means for unread answers.
//
// Owned by the Bench, on its thread only. Memory a client: its Link, at most kReceiveBytes of input
// that waits while it does not read, and kernel buffers; large blocks are shared, never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class SocketWire : public Wire {
 public:
  static constexpr std::size_t kReceiveBytes = TcpServer::kReceiveBytes;
  static constexpr std::size_t kMostClients = TcpServer::kMostClients;

  /// Listens on `address` (numeric IPv4 or IPv6) and `port`, 0 = one the system chooses. Throws
  /// std::system_error, whose text names address and port. `instrument` and `loop` outlive the
  /// wire.
  SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
             std::uint16_t port);

  std::string resource_name() const override;
  std::string configuration() const override { return "VI_ATTR_TERMCHAR_EN = true"; }
  std::uint16_t port() const noexcept override { return server_.port(); }
  std::vector<Service> services() const override;
  std::size_t clients() const noexcept override { return server_.clients(); }

 private:
  std::string address_;
  TcpServer server_;
};

/// "socket". It is always wanted and has no options.
const WireKind& socket_wire_kind() noexcept;

}  // namespace visa::sim
