// SPDX-License-Identifier: MIT
// viClear and viReadSTB are no operations of a board: the defaults of spi::Channel say so.
#include "drivers/gpib/intfc_channel.h"

#include <algorithm>
#include <type_traits>

#include "drivers/gpib/message_read.h"

namespace visa::drivers::gpib {
namespace {

model::AttributeValue number(std::int64_t value) {
  return model::AttributeValue(model::signed_value(value));
}

}  // namespace

IntfcChannel::IntfcChannel(Buses::Lease bus) : bus_(std::move(bus)) {}

void IntfcChannel::close(Call& call) noexcept {
  bus_.release(call);
}

void IntfcChannel::wake() noexcept {
  bus_->access.wake();
}

template <class Operation>
auto IntfcChannel::inside(Call& call, Operation&& operation) {
  auto outcome = bus_->access.inside(call, operation);
  Status status = Status::success;
  if constexpr (std::is_same_v<decltype(outcome), Status>) {
    status = outcome;
  } else {
    status = outcome.status;
  }
  if (status == Status::error_nsup_oper && call.detail.empty()) {
    call.fail(status, controller().name() + ": the adapter cannot do that");
  }
  return outcome;
}

spi::ReadResult IntfcChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                   Call& call) {
  return inside(call, [&] {
    return read_by_rule(into, rule, [&](std::span<std::byte> piece) {
      return controller().receive(piece, rule, call);
    });
  });
}

spi::WriteResult IntfcChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                     Call& call) {
  return inside(call,
                [&] { return controller().send(data, rule.end == spi::WriteEnd::end, call); });
}

Status IntfcChannel::trigger(const spi::TriggerRule& rule, Call& call) {
  if (static_cast<ViUInt16>(rule.protocol) != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
  return inside(call, [&] { return controller().trigger_listeners(call); });
}

Status IntfcChannel::control_atn(std::uint16_t mode, Call& call) {
  if (mode > VI_GPIB_ATN_ASSERT_IMMEDIATE) return Status::error_inv_mode;
  return inside(call, [&] { return controller().control_atn(AtnMode{mode}, call); });
}

Status IntfcChannel::send_ifc(Call& call) {
  return inside(call, [&] { return controller().send_ifc(call); });
}

spi::WriteResult IntfcChannel::command(std::span<const std::byte> bytes, Call& call) {
  if (bytes.empty()) return {};
  return inside(call, [&] { return controller().command(bytes, call); });
}

Status IntfcChannel::pass_control(std::uint16_t primary, std::uint16_t secondary, Call& call) {
  const bool has_secondary = secondary != VI_NO_SEC_ADDR;
  if (primary > kMostAddress || (has_secondary && secondary > kMostAddress)) {
    return call.fail(Status::error_inv_parameter,
                     "GPIB addresses go from 0 to 30; VI_NO_SEC_ADDR means no secondary address");
  }
  Address device{static_cast<std::uint8_t>(primary)};
  if (has_secondary) device.secondary = static_cast<std::uint8_t>(secondary);
  return inside(call, [&] { return controller().pass_control(device, call); });
}

Status IntfcChannel::control_ren(spi::RenMode mode, Call& call) {
  using enum spi::RenMode;
  if (mode != deassert && mode != assert_ren && mode != assert_llo) return Status::error_inv_mode;
  return inside(call, [&] { return controller().control_ren(nullptr, mode, call); });
}

spi::Facets IntfcChannel::facets() noexcept {
  spi::Facets facets;
  facets.gpib = this;
  facets.remote_local = this;
  return facets;
}

Status IntfcChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  enabled_.reserve(enabled_.size() + 1);
  const Status status = bus_->service.subscribe(type, sink, std::nullopt, call);
  if (ok(status)) enabled_.emplace_back(type, &sink);
  return status;
}

Status IntfcChannel::disable_event(ViEventType type, Call&) {
  const auto at = std::find_if(enabled_.begin(), enabled_.end(),
                               [type](const auto& one) { return one.first == type; });
  if (at == enabled_.end()) return Status::error_inv_event;
  const spi::EventSink& sink = *at->second;
  enabled_.erase(at);
  return bus_->service.unsubscribe(type, sink);
}

std::span<const spi::Binding<IntfcChannel>> IntfcChannel::bindings() noexcept {
  static constexpr spi::Binding<IntfcChannel> kBindings[] = {
      {VI_ATTR_DEV_STATUS_BYTE, &IntfcChannel::own_status, &IntfcChannel::set_own_status},
      {VI_ATTR_GPIB_PRIMARY_ADDR, &IntfcChannel::primary, &IntfcChannel::set_primary},
      {VI_ATTR_GPIB_SECONDARY_ADDR, &IntfcChannel::secondary, &IntfcChannel::set_secondary},
      {VI_ATTR_GPIB_REN_STATE, &IntfcChannel::ren_state, nullptr},
      {VI_ATTR_GPIB_ATN_STATE, &IntfcChannel::atn_state, nullptr},
      {VI_ATTR_GPIB_NDAC_STATE, &IntfcChannel::ndac_state, nullptr},
      {VI_ATTR_GPIB_SRQ_STATE, &IntfcChannel::srq_state, nullptr},
      {VI_ATTR_GPIB_ADDR_STATE, &IntfcChannel::address_state, nullptr},
      {VI_ATTR_GPIB_CIC_STATE, &IntfcChannel::in_charge, nullptr},
      {VI_ATTR_GPIB_SYS_CNTRL_STATE, &IntfcChannel::system_controller,
       &IntfcChannel::set_system_controller},
      {VI_ATTR_GPIB_HS488_CBL_LEN, &IntfcChannel::cable_length, &IntfcChannel::set_cable_length},
  };
  return kBindings;
}

Result<model::AttributeValue> IntfcChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status IntfcChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

IntfcChannel::Value IntfcChannel::line(State BusState::*which, Call& call) {
  const auto state = bus_->access.inside(call, [&] { return controller().state(call); });
  if (!state) return state.status();
  return number(static_cast<std::int64_t>((*state).*which));
}

// A boolean has no value for "unknown".
IntfcChannel::Value IntfcChannel::flag(State BusState::*which, Call& call) {
  const auto state = bus_->access.inside(call, [&] { return controller().state(call); });
  if (!state) return state.status();
  if ((*state).*which == State::unknown) {
    return call.fail(Status::error_nsup_attr, controller().name() + ": the adapter does not say");
  }
  return number((*state).*which == State::asserted ? VI_TRUE : VI_FALSE);
}

IntfcChannel::Value IntfcChannel::primary(Call&) {
  return number(controller().own_address().primary);
}

Status IntfcChannel::set_primary(const model::AttributeValue& value, Call& call) {
  return bus_->access.inside(call, [&] {
    Address own = controller().own_address();
    own.primary = static_cast<std::uint8_t>(model::number(value));
    return controller().set_own_address(own, call);
  });
}

IntfcChannel::Value IntfcChannel::secondary(Call&) {
  const Address own = controller().own_address();
  return number(own.secondary ? *own.secondary : VI_NO_SEC_ADDR);
}

Status IntfcChannel::set_secondary(const model::AttributeValue& value, Call& call) {
  return bus_->access.inside(call, [&] {
    Address own = controller().own_address();
    own.secondary.reset();
    const std::uint64_t wanted = model::number(value);
    if (wanted != VI_NO_SEC_ADDR) own.secondary = static_cast<std::uint8_t>(wanted);
    return controller().set_own_address(own, call);
  });
}

IntfcChannel::Value IntfcChannel::address_state(Call& call) {
  const auto state = bus_->access.inside(call, [&] { return controller().state(call); });
  if (!state) return state.status();
  return number(static_cast<std::int64_t>(state->addressed));
}

Status IntfcChannel::set_system_controller(const model::AttributeValue& value, Call& call) {
  return bus_->access.inside(
      call, [&] { return controller().set_system_controller(model::number(value) != 0, call); });
}

IntfcChannel::Value IntfcChannel::own_status(Call&) {
  return number(controller().own_status());
}

Status IntfcChannel::set_own_status(const model::AttributeValue& value, Call& call) {
  return bus_->access.inside(call, [&] {
    return controller().set_own_status(static_cast<std::uint8_t>(model::number(value)), call);
  });
}

IntfcChannel::Value IntfcChannel::cable_length(Call&) {
  return number(controller().cable_length());
}

Status IntfcChannel::set_cable_length(const model::AttributeValue& value, Call& call) {
  return bus_->access.inside(call, [&] {
    return controller().set_cable_length(static_cast<std::int16_t>(model::number(value)), call);
  });
}

}  // namespace visa::drivers::gpib
