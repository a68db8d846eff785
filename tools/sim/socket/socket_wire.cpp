// SPDX-License-Identifier: MIT
#include "tools/sim/socket/socket_wire.h"

#include <memory>
#include <utility>

#include "tools/sim/net/listener.h"
#include "tools/sim/socket/socket_connection.h"

namespace visa::sim {

SocketWire::SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
                       std::uint16_t port)
    : address_(address), server_(loop, address, port, [this, &instrument](FileDescriptor socket) {
        return std::make_unique<SocketConnection>(server_, instrument, std::move(socket));
      }) {}

std::string SocketWire::resource_name() const {
  return "TCPIP0::" + resource_host(address_) + "::" + std::to_string(port()) + "::SOCKET";
}

}  // namespace visa::sim
