// SPDX-License-Identifier: MIT
// One VXI-11 session (TCPIP::host::inst0::INSTR): the channel that uses a link. Owned by one
// session; threads as spi::Channel says.
//
// viReadSTB waits for a transfer in progress (Traits::status_beside_transfer is false): the
// connection carries one call at a time. A second link would be shut out by the lock that this
// session may hold, and many instruments have only few links.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "drivers/common/tcp_attributes.h"
#include "drivers/vxi11/interrupt_service.h"
#include "drivers/vxi11/vxi11_link.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers::vxi11 {

class Vxi11Channel final : public spi::Channel,
                           private spi::RemoteLocalFacet,
                           private spi::RemoteLockFacet,
                           private spi::DeviceCommandFacet,
                           private TcpAttributes {
 public:
  /// `host` is the host field of the resource name, `device` the name that the instrument knows;
  /// `options` are those the socket was connected with. `acknowledge`: answer each service request
  /// with an RPC reply.
  Vxi11Channel(std::unique_ptr<Link> link, std::string host, std::string device,
               const ConnectOptions& options, bool acknowledge);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return {}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;

  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<Vxi11Channel>> bindings() noexcept;

 private:
  Status control_ren(spi::RenMode mode, Call& call) override;
  /// B.6.74: the lock of a device is exclusive; shared locks stay on this computer (3.6.6).
  bool carries(spi::RemoteLockKind kind) const noexcept override {
    return kind == spi::RemoteLockKind::exclusive;
  }
  Status lock(spi::RemoteLockKind kind, std::string_view key, Call& call) override;
  Status unlock(spi::RemoteLockKind kind, Call& call) override;
  Result<spi::DeviceAnswer> device_command(std::uint32_t number, std::uint32_t item,
                                           std::span<const std::byte> data, Call& call) override {
    return link_->command(number, item, data, call);
  }

  Result<model::AttributeValue> device_name(Call& call);
  Result<model::AttributeValue> is_hislip(Call& call);
  Status apply_nodelay(bool on, Call& call) override { return link_->set_nodelay(on, call); }
  Status apply_keepalive(bool on, Call& call) override { return link_->set_keepalive(on, call); }

  const std::unique_ptr<Link> link_;
  const std::string device_;
  const bool acknowledge_;
  std::unique_ptr<InterruptRegistration> registration_;  // while service requests are enabled
};

}  // namespace visa::drivers::vxi11
