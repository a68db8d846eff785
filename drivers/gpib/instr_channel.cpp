// SPDX-License-Identifier: MIT
// Maps the calls of spi::Channel to the controller, each alone on the bus, and explains what a
// failure usually means.
#include "drivers/gpib/instr_channel.h"

#include <string>
#include <utility>

#include "drivers/gpib/message_read.h"

namespace visa::drivers::gpib {
namespace {

model::AttributeValue number(std::uint64_t value) {
  return model::AttributeValue(value);
}

}  // namespace

InstrChannel::InstrChannel(Buses::Lease bus, const Address& device)
    : bus_(std::move(bus)), device_(device) {}

void InstrChannel::close(Call& call) noexcept {
  bus_->detach(device_, call);
  bus_.release(call);
}

void InstrChannel::wake() noexcept {
  bus_->access.wake();
}

AddressRule InstrChannel::addressing() const noexcept {
  return {.readdress = readdress_.load(std::memory_order_relaxed),
          .unaddress = unaddress_.load(std::memory_order_relaxed)};
}

void InstrChannel::explain(Status status, Call& call) const {
  if (!call.detail.empty() || call.deadline.is_immediate()) return;
  const std::string device = controller().name() + ", address " + device_.text();
  if (status == Status::error_tmo) {
    call.fail(status, device + ": no answer in time; is the instrument on, and was it a query?");
  } else if (status == Status::error_nlisteners) {
    call.fail(status, device +
                          ": nothing listens there; is the instrument on, and the address "
                          "right?");
  }
}

spi::ReadResult InstrChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                   Call& call) {
  if (into.empty()) return {};
  const spi::ReadResult whole = bus_->access.inside(call, [&] {
    return read_by_rule(into, rule, [&](std::span<std::byte> piece) {
      return controller().read(device_, piece, rule, addressing(), call);
    });
  });
  explain(whole.status, call);
  return whole;
}

spi::WriteResult InstrChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                     Call& call) {
  const auto result = bus_->access.inside(
      call, [&] { return controller().write(device_, data, rule, addressing(), call); });
  explain(result.status, call);
  return result;
}

Result<std::uint8_t> InstrChannel::read_status_byte(Call& call) {
  spi::EventSink* const sink = requests_.load(std::memory_order_acquire);
  if (sink != nullptr) {
    if (const auto kept = bus_->service.take_kept(*sink)) return *kept;
  }
  const auto status =
      bus_->access.inside(call, [&] { return controller().serial_poll(device_, call); });
  if (status) bus_->service.note_poll(device_, *status, sink);
  explain(status.status(), call);
  return status;
}

Status InstrChannel::clear(Call& call) {
  const Status status =
      bus_->access.inside(call, [&] { return controller().clear(device_, call); });
  if (ok(status)) bus_->service.drop_kept(device_);
  explain(status, call);
  return status;
}

// 6.1.7: GPIB has the default protocol alone, and no lines.
Status InstrChannel::trigger(const spi::TriggerRule& rule, Call& call) {
  if (static_cast<ViUInt16>(rule.protocol) != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
  const Status status =
      bus_->access.inside(call, [&] { return controller().trigger(device_, call); });
  explain(status, call);
  return status;
}

Status InstrChannel::control_ren(spi::RenMode mode, Call& call) {
  return bus_->access.inside(call, [&] { return controller().control_ren(&device_, mode, call); });
}

spi::Facets InstrChannel::facets() noexcept {
  spi::Facets facets;
  facets.remote_local = this;
  return facets;
}

Status InstrChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (type != VI_EVENT_SERVICE_REQ) return Status::error_inv_event;
  const Status status = bus_->service.subscribe(type, sink, device_, call);
  if (ok(status)) requests_.store(&sink, std::memory_order_release);
  return status;
}

Status InstrChannel::disable_event(ViEventType type, Call&) {
  spi::EventSink* const sink = requests_.load(std::memory_order_acquire);
  if (type != VI_EVENT_SERVICE_REQ || sink == nullptr) return Status::error_inv_event;
  requests_.store(nullptr, std::memory_order_release);
  return bus_->service.unsubscribe(type, *sink);
}

std::span<const spi::Binding<InstrChannel>> InstrChannel::bindings() noexcept {
  static constexpr spi::Binding<InstrChannel> kBindings[] = {
      {VI_ATTR_GPIB_PRIMARY_ADDR, &InstrChannel::primary, nullptr},
      {VI_ATTR_GPIB_SECONDARY_ADDR, &InstrChannel::secondary, nullptr},
      {VI_ATTR_GPIB_READDR_EN, &InstrChannel::readdress, &InstrChannel::set_readdress},
      {VI_ATTR_GPIB_UNADDR_EN, &InstrChannel::unaddress, &InstrChannel::set_unaddress},
      {VI_ATTR_GPIB_REN_STATE, &InstrChannel::ren_state, nullptr},
  };
  return kBindings;
}

Result<model::AttributeValue> InstrChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status InstrChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

InstrChannel::Value InstrChannel::primary(Call&) {
  return number(device_.primary);
}

InstrChannel::Value InstrChannel::secondary(Call&) {
  return number(device_.secondary ? *device_.secondary : VI_NO_SEC_ADDR);
}

InstrChannel::Value InstrChannel::readdress(Call&) {
  return number(readdress_.load(std::memory_order_relaxed) ? VI_TRUE : VI_FALSE);
}

Status InstrChannel::set_readdress(const model::AttributeValue& value, Call&) {
  readdress_.store(model::number(value) != 0, std::memory_order_relaxed);
  return Status::success;
}

InstrChannel::Value InstrChannel::unaddress(Call&) {
  return number(unaddress_.load(std::memory_order_relaxed) ? VI_TRUE : VI_FALSE);
}

Status InstrChannel::set_unaddress(const model::AttributeValue& value, Call&) {
  unaddress_.store(model::number(value) != 0, std::memory_order_relaxed);
  return Status::success;
}

InstrChannel::Value InstrChannel::ren_state(Call& call) {
  const auto state = bus_->access.inside(call, [&] { return controller().state(call); });
  if (!state) return state.status();
  return number(model::signed_value(static_cast<std::int64_t>(state->ren)));
}

}  // namespace visa::drivers::gpib
