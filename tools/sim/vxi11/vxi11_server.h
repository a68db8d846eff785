// SPDX-License-Identifier: MIT
// A VXI-11 server as one host has it: core channel, abort channel, portmapper, and the registry of
// devices and links behind them.
//
// Owned by the Bench; on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/net/tcp_server.h"
#include "tools/sim/rpc/portmapper.h"
#include "tools/sim/rpc/rpcbind.h"
#include "tools/sim/vxi11/vxi11_registry.h"

namespace visa::sim {

class Vxi11Server : public WireServer, private FaultListener {
 public:
  /// Ports: 0 = one the system chooses. Throws std::system_error.
  Vxi11Server(EventLoop& loop, const std::string& address, std::uint16_t core_port,
              std::uint16_t abort_port);
  ~Vxi11Server() override;
  Vxi11Server(const Vxi11Server&) = delete;
  Vxi11Server& operator=(const Vxi11Server&) = delete;

  /// `section`, if any, is a Vxi11Description.
  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t port) override;
  /// Registers with the portmapper of this machine, if register_at_start() was called.
  void start() override;
  std::vector<std::string> remarks() const override;

  /// Answers GETPORT; port 0: one the system chooses. Throws std::system_error.
  void open_portmapper(std::uint16_t port);
  void register_at_start() noexcept { registers_ = true; }

  const std::string& address() const noexcept { return address_; }
  std::uint16_t core_port() const noexcept { return core_.port(); }
  std::uint16_t abort_port() const noexcept { return abort_.port(); }
  /// 0 without one.
  std::uint16_t portmapper_port() const noexcept {
    return portmapper_ != nullptr ? portmapper_->port() : std::uint16_t{0};
  }
  Vxi11Registry& registry() noexcept { return registry_; }

 private:
  class DeviceWire;

  std::vector<Portmapper::Mapping> mappings() const;
  void on_faults_changed() override;

  EventLoop& loop_;
  std::string address_;
  Vxi11Registry registry_;
  TcpServer core_;
  TcpServer abort_;
  std::unique_ptr<Portmapper> portmapper_;
  bool registers_ = false;
  std::optional<RpcbindRegistration> registration_;
};

}  // namespace visa::sim
