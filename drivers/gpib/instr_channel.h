// SPDX-License-Identifier: MIT
// One session on a GPIB device (GPIB<n>::pad[::sad]::INSTR). Owned by its session; threads as
// spi::Channel says. Sessions of one process share the bus, so an operation waits for those of
// other sessions on it, within its own timeout.
#pragma once

#include <atomic>
#include <span>

#include "drivers/gpib/bus.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"

namespace visa::drivers::gpib {

class InstrChannel final : public spi::Channel, private spi::RemoteLocalFacet {
 public:
  /// The device is attached.
  InstrChannel(Buses::Lease bus, const Address& device);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return {}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  /// The byte of a service request that this session has heard of, if there is one; else a serial
  /// poll.
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<InstrChannel>> bindings() noexcept;

 private:
  using Value = Result<model::AttributeValue>;

  Status control_ren(spi::RenMode mode, Call& call) override;
  AddressRule addressing() const noexcept;
  void explain(Status status, Call& call) const;

  Value primary(Call& call);
  Value secondary(Call& call);
  Value readdress(Call& call);
  Status set_readdress(const model::AttributeValue& value, Call& call);
  Value unaddress(Call& call);
  Status set_unaddress(const model::AttributeValue& value, Call& call);
  Value ren_state(Call& call);

  Controller& controller() const noexcept { return bus_->access.controller(); }

  Buses::Lease bus_;
  const Address device_;
  std::atomic<bool> readdress_{true};
  std::atomic<bool> unaddress_{false};
  std::atomic<spi::EventSink*> requests_{nullptr};  // while service requests are enabled
};

}  // namespace visa::drivers::gpib
