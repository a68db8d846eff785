// SPDX-License-Identifier: MIT
// The four TCP ports of a GPIB-ENET/100, as far from each other as those of the box: 5000, 5003,
// 5005, 5015. Owned by a GpibServer; on the bench's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "tools/sim/base/event_loop.h"
#include "tools/sim/gpib/enet_box.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class EnetPorts {
 public:
  /// `port` is the main one; 0: any with which all four are free. Throws std::system_error.
  EnetPorts(EventLoop& loop, EnetBox& box, const std::string& address, std::uint16_t port);
  std::uint16_t port() const noexcept { return servers_.front()->port(); }

 private:
  void listen(EventLoop& loop, const std::string& address, std::uint16_t port);

  EnetBox& box_;
  std::array<std::unique_ptr<TcpServer>, 4> servers_;
};

}  // namespace visa::sim
