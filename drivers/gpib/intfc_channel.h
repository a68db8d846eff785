// SPDX-License-Identifier: MIT
// One session on a GPIB board (GPIB<n>::INTFC): raw data to and from whatever devices the program
// has addressed, command bytes, lines and states. Owned by its session; threads as spi::Channel
// says. What an adapter cannot do is VI_ERROR_NSUP_OPER; a line that it cannot read is
// VI_STATE_UNKNOWN.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "drivers/gpib/bus.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"

namespace visa::drivers::gpib {

class IntfcChannel final : public spi::Channel,
                           private spi::GpibBusFacet,
                           private spi::RemoteLocalFacet {
 public:
  explicit IntfcChannel(Buses::Lease bus);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return {}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  /// GET to the devices that listen.
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<IntfcChannel>> bindings() noexcept;

 private:
  using Value = Result<model::AttributeValue>;

  Status control_atn(std::uint16_t mode, Call& call) override;
  Status send_ifc(Call& call) override;
  spi::WriteResult command(std::span<const std::byte> bytes, Call& call) override;
  Status pass_control(std::uint16_t primary, std::uint16_t secondary, Call& call) override;
  Status control_ren(spi::RenMode mode, Call& call) override;

  Controller& controller() const noexcept { return bus_->access.controller(); }
  /// What the operation returns, with the name of the adapter where it cannot do that.
  template <class Operation>
  auto inside(Call& call, Operation&& operation);
  Value line(State BusState::*which, Call& call);
  Value flag(State BusState::*which, Call& call);

  Value primary(Call& call);
  Status set_primary(const model::AttributeValue& value, Call& call);
  Value secondary(Call& call);
  Status set_secondary(const model::AttributeValue& value, Call& call);
  Value ren_state(Call& call) { return line(&BusState::ren, call); }
  Value atn_state(Call& call) { return line(&BusState::atn, call); }
  Value ndac_state(Call& call) { return line(&BusState::ndac, call); }
  Value srq_state(Call& call) { return line(&BusState::srq, call); }
  Value address_state(Call& call);
  Value in_charge(Call& call) { return flag(&BusState::controller_in_charge, call); }
  Value system_controller(Call& call) { return flag(&BusState::system_controller, call); }
  Status set_system_controller(const model::AttributeValue& value, Call& call);
  Value own_status(Call& call);
  Status set_own_status(const model::AttributeValue& value, Call& call);
  Value cable_length(Call& call);
  Status set_cable_length(const model::AttributeValue& value, Call& call);

  Buses::Lease bus_;
  std::vector<std::pair<ViEventType, spi::EventSink*>> enabled_;
};

}  // namespace visa::drivers::gpib
