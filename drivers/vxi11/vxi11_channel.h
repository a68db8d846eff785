// SPDX-License-Identifier: MIT
// One VXI-11 session (TCPIP::host::inst0::INSTR): a link as the core wants it. Owned by one
// session; threads as spi::Channel says.
//
// viReadSTB waits for a transfer in progress (Traits::status_beside_transfer is false): the
// connection carries one call at a time, and a second link would be shut out by the very lock this
// session holds, besides costing one of the few links many instruments have.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "drivers/vxi11/interrupt_service.h"
#include "drivers/vxi11/vxi11_link.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers::vxi11 {

class Vxi11Channel final : public spi::Channel,
                           private spi::RemoteLocalFacet,
                           private spi::RemoteLockFacet {
 public:
  /// How the channel came to be: what its attributes start from.
  struct Origin {
    std::string host;    // as in the resource name
    std::string device;  // as the instrument knows it
    bool nodelay = true;
    bool keepalive = true;
    bool acknowledge = false;
  };

  Vxi11Channel(std::unique_ptr<Link> link, Origin origin);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return {false, false}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, spi::WriteEnd end, Call& call) override;
  void wake() noexcept override;
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(spi::TriggerProtocol protocol, Call& call) override;

  Status get_attribute(ViAttr id, model::AttributeValue& value) const override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;

  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<Vxi11Channel>> bindings() noexcept;

 private:
  Status control_ren(spi::RenMode mode, Call& call) override;
  Status lock(Call& call) override;
  Status unlock(Call& call) override;

  model::AttributeValue address() const;
  model::AttributeValue hostname() const;
  model::AttributeValue device_name() const;
  model::AttributeValue is_hislip() const;
  model::AttributeValue nodelay() const;
  model::AttributeValue keepalive() const;
  Status set_nodelay(const model::AttributeValue& value, Call& call);
  Status set_keepalive(const model::AttributeValue& value, Call& call);

  const std::unique_ptr<Link> link_;
  Origin origin_;
  std::unique_ptr<InterruptPlace> place_;  // while service requests are enabled
};

}  // namespace visa::drivers::vxi11
