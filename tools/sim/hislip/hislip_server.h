// SPDX-License-Identifier: MIT
// A HiSLIP server as one host has it: one port for both channels of all sessions, and the registry
// of sub-addresses and sessions.
//
// Owned by the Bench; on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/hislip/hislip_registry.h"
#include "tools/sim/net/tcp_server.h"

namespace visa::sim {

class HislipServer : public WireServer, private FaultListener {
 public:
  static constexpr std::uint16_t kPort = 4880;  ///< what the protocol has been assigned

  /// Port: 0 = one the system chooses. Throws std::system_error.
  HislipServer(EventLoop& loop, const std::string& address, std::uint16_t port);
  ~HislipServer() override;
  HislipServer(const HislipServer&) = delete;
  HislipServer& operator=(const HislipServer&) = delete;

  /// `section`, if any, is a HislipDescription.
  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t port) override;

  const std::string& address() const noexcept { return address_; }
  std::uint16_t port() const noexcept { return tcp_.port(); }
  HislipRegistry& registry() noexcept { return registry_; }
  TcpServer& tcp() noexcept { return tcp_; }
  /// Makes the certificates, if there are none yet. Throws std::runtime_error.
  TlsAuthority& authority();

 private:
  class DeviceWire;

  void on_faults_changed() override;

  std::string address_;
  std::unique_ptr<TlsAuthority> authority_;  ///< before the registry, whose devices use it
  HislipRegistry registry_;
  TcpServer tcp_;  ///< after the registry: its connections end their sessions
};

}  // namespace visa::sim
