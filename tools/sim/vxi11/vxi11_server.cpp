// SPDX-License-Identifier: MIT
// The ports of VXI-11, and the instruments behind them as the Bench sees them.
#include "tools/sim/vxi11/vxi11_server.h"

#include <system_error>
#include <utility>

#include "tools/sim/net/listener.h"
#include "tools/sim/vxi11/vxi11_abort.h"
#include "tools/sim/vxi11/vxi11_core.h"

namespace visa::sim {
namespace {

constexpr std::uint16_t kPortmapperPort = 111;
constexpr int kPortTries = 20;

}  // namespace

class Vxi11Server::DeviceWire : public Wire {
 public:
  DeviceWire(const Vxi11Server& server, const Vxi11Device& device)
      : server_(server), device_(device) {}
  std::string resource_name() const override {
    return "TCPIP0::" + resource_host(server_.address()) + "::" + device_.name() + "::INSTR";
  }
  std::string transport() const override {
    return "core_port = " + std::to_string(server_.core_port()) +
           ", abort_port = " + std::to_string(server_.abort_port());
  }
  std::uint16_t port() const noexcept override { return server_.core_port(); }
  // Only the first device, as programs expect it of a host that is an instrument.
  std::vector<Service> services() const override {
    if (device_.name() != "inst0") {
      return {};
    }
    const std::uint16_t own = server_.portmapper_port();
    return {{"_vxi-11._tcp", own != 0 ? own : kPortmapperPort}};
  }
  std::size_t clients() const noexcept override { return device_.links; }

 private:
  const Vxi11Server& server_;
  const Vxi11Device& device_;
};

Vxi11Server::Vxi11Server(EventLoop& loop, const std::string& address, std::uint16_t core_port,
                         std::uint16_t abort_port)
    : loop_(loop),
      address_(address),
      core_(loop, address, core_port,
            [this](FileDescriptor socket) {
              return std::make_unique<Vxi11Core>(registry_, core_, std::move(socket));
            }),
      abort_(loop, address, abort_port, [this](FileDescriptor socket) {
        return std::make_unique<Vxi11Abort>(registry_, abort_, std::move(socket));
      }) {
  registry_.abort_port = abort_.port();
}

Vxi11Server::~Vxi11Server() {
  for (const Vxi11Device& device : registry_.devices()) {
    device.instrument()->remove_fault_listener(*this);
  }
}

std::unique_ptr<Wire> Vxi11Server::serve(Instrument& instrument, const WireSection* section,
                                         std::uint16_t) {
  const auto* const description = dynamic_cast<const Vxi11Description*>(section);
  const Vxi11Device& device =
      registry_.add(instrument, description != nullptr ? *description : Vxi11Description{});
  instrument.add_fault_listener(*this);
  return std::make_unique<DeviceWire>(*this, device);
}

std::vector<Portmapper::Mapping> Vxi11Server::mappings() const {
  return {{kCoreProgram, kVxi11Version, core_port()}, {kAbortProgram, kVxi11Version, abort_port()}};
}

void Vxi11Server::open_portmapper(std::uint16_t port) {
  for (int tries = port == 0 ? kPortTries : 1; portmapper_ == nullptr; --tries) {
    try {
      portmapper_ =
          std::make_unique<Portmapper>(loop_, address_, port, mappings(),
                                       [this](FaultPoint point, const RpcProcedure* procedure) {
                                         return registry_.next_fault(point, procedure);
                                       });
    } catch (const std::system_error&) {  // the port is free for TCP and taken for UDP
      if (tries <= 1) throw;
    }
  }
}

void Vxi11Server::start() {
  if (registers_) registration_.emplace(mappings(), address_);
}

std::vector<std::string> Vxi11Server::remarks() const {
  if (portmapper_ == nullptr) {
    return {};
  }
  return {"portmapper " + address_ + " port " + std::to_string(portmapper_->port())};
}

void Vxi11Server::on_faults_changed() {
  core_.for_each([](TcpConnection& one) { static_cast<Vxi11Core&>(one).faults_changed(); });
}

}  // namespace visa::sim
