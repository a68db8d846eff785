// SPDX-License-Identifier: MIT
// The port of HiSLIP, and its instruments as the Bench sees them.
#include "tools/sim/hislip/hislip_server.h"

#include <utility>

#include "tools/sim/hislip/hislip_connection.h"
#include "tools/sim/net/listener.h"

namespace visa::sim {

class HislipServer::DeviceWire : public Wire {
 public:
  DeviceWire(const HislipServer& server, const HislipDevice& device)
      : server_(server), device_(device) {}
  std::string resource_name() const override {
    return "TCPIP0::" + resource_host(server_.address()) + "::" + device_field() + "::INSTR";
  }
  std::uint16_t port() const noexcept override { return server_.port(); }
  std::vector<Service> services() const override {
    const bool usual = device_.name == "hislip0";
    return {{"_hislip._tcp", server_.port(), usual ? "" : device_field()}};
  }
  std::size_t clients() const noexcept override { return device_.sessions.size(); }

 private:
  std::string device_field() const {
    return device_.name + (server_.port() == kPort ? "" : "," + std::to_string(server_.port()));
  }

  const HislipServer& server_;
  const HislipDevice& device_;
};

HislipServer::HislipServer(EventLoop& loop, const std::string& address, std::uint16_t port)
    : address_(address), tcp_(loop, address, port, [this](FileDescriptor socket) {
        return std::make_unique<HislipConnection>(registry_, tcp_, std::move(socket));
      }) {}

HislipServer::~HislipServer() {
  for (HislipDevice& device : registry_.devices()) device.instrument.remove_fault_listener(*this);
}

std::unique_ptr<Wire> HislipServer::serve(Instrument& instrument, const WireSection* section,
                                          std::uint16_t) {
  const auto* const description = dynamic_cast<const HislipDescription*>(section);
  HislipDevice& device =
      registry_.add(instrument, description != nullptr ? *description : HislipDescription{});
  if (device.encryption != HislipEncryption::off) {
    device.authority = &authority();
    device.accounts = SaslAccounts::make(device.description.users);
    // What is wrong with the files is said now.
    static_cast<void>(device.authority->accept(device.description.tls));
  }
  instrument.add_fault_listener(*this);
  return std::make_unique<DeviceWire>(*this, device);
}

TlsAuthority& HislipServer::authority() {
  if (authority_ == nullptr) authority_ = TlsAuthority::make(address_);
  return *authority_;
}

void HislipServer::on_faults_changed() {
  tcp_.for_each([](TcpConnection& one) { static_cast<HislipConnection&>(one).faults_changed(); });
}

}  // namespace visa::sim
