// SPDX-License-Identifier: MIT
// Each instrument has a port of its own, so nothing is open before one is served.
#include "tools/sim/socket/socket_wire.h"

#include <memory>
#include <utility>

#include "tools/sim/net/listener.h"
#include "tools/sim/socket/socket_connection.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kLxiPort = 80;  // of the web page instruments have; the bench has none

class SocketServer : public WireServer {
 public:
  SocketServer(EventLoop& loop, std::string address) : loop_(loop), address_(std::move(address)) {}
  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection*,
                              std::uint16_t port) override {
    return std::make_unique<SocketWire>(loop_, instrument, address_, port);
  }

 private:
  EventLoop& loop_;
  std::string address_;
};

class SocketKind final : public WireKind {
 public:
  std::string_view name() const noexcept override { return "socket"; }
  std::unique_ptr<WireServer> open(EventLoop& loop, const WireSettings& settings) const override {
    return std::make_unique<SocketServer>(loop, settings.address);
  }
};

}  // namespace

SocketWire::SocketWire(EventLoop& loop, Instrument& instrument, const std::string& address,
                       std::uint16_t port)
    : address_(address), server_(loop, address, port, [this, &instrument](FileDescriptor socket) {
        return std::make_unique<SocketConnection>(server_, instrument, std::move(socket));
      }) {}

std::string SocketWire::resource_name() const {
  return "TCPIP0::" + resource_host(address_) + "::" + std::to_string(port()) + "::SOCKET";
}

std::vector<Wire::Service> SocketWire::services() const {
  return {{"_scpi-raw._tcp", port()}, {"_lxi._tcp", kLxiPort}};
}

const WireKind& socket_wire_kind() noexcept {
  static constexpr SocketKind kKind;
  return kKind;
}

}  // namespace visa::sim
