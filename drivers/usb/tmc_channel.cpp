// SPDX-License-Identifier: MIT
// Maps the calls of spi::Channel to the shared device; those that use the bulk pipes pass its gate.
#include "drivers/usb/tmc_channel.h"

#include <algorithm>
#include <string>
#include <utility>

#include "drivers/libusb/usb_error.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::usb {
namespace {

template <class Number>
model::AttributeValue number(Number value) {
  return model::AttributeValue(static_cast<std::uint64_t>(value));
}

}  // namespace

TmcChannel::TmcChannel(TmcDevices::Lease device)
    : device_(std::move(device)), interrupt_size_(device_->status().packet_size()) {}

void TmcChannel::close(Call& call) noexcept {
  device_.release(call);
}

// With quirks, the status byte waits for a transfer.
spi::Traits TmcChannel::traits() const noexcept {
  spi::Traits traits;
  traits.status_beside_transfer = !device_->wire().quirks.status_alone;
  return traits;
}

/// What the operation returns: a status, or a result with a status in it.
template <class Operation>
auto TmcChannel::inside(Call& call, Operation&& operation) {
  using Outcome = decltype(operation());
  const GatePass pass(device_.gate(), call);
  Status status = pass.status();
  if (status == Status::error_tmo) {
    call.fail(status, device_->facts().name +
                          ": another session or thread is using the instrument; wait longer");
  }
  if (ok(status) && device_->gone()) {
    status = fail(UsbOutcome::gone, device_->facts().name, "using it", call);
  }
  if (ok(status)) return operation();
  if constexpr (std::is_same_v<Outcome, Status> || std::is_constructible_v<Outcome, Status>) {
    return Outcome(status);
  } else {
    Outcome outcome;
    outcome.status = status;
    return outcome;
  }
}

spi::ReadResult TmcChannel::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  return inside(call, [&] { return device_->read(into, rule, call); });
}

spi::WriteResult TmcChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                   Call& call) {
  return inside(call, [&] { return device_->write(data, rule, call); });
}

void TmcChannel::wake() noexcept {
  device_.gate().wake();
  device_->wake();
}

Result<std::uint8_t> TmcChannel::read_status_byte(Call& call) {
  if (!device_->is_488()) return Status::error_nsup_oper;
  if (traits().status_beside_transfer) return device_->status().read(call);
  return inside(call, [&] { return device_->status().read(call); });
}

Status TmcChannel::clear(Call& call) {
  return inside(call, [&] { return device_->clear(call); });
}

Status TmcChannel::trigger(const spi::TriggerRule& rule, Call& call) {
  if (static_cast<ViUInt16>(rule.protocol) != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
  return inside(call, [&] { return device_->trigger(call); });
}

Status TmcChannel::control_ren(spi::RenMode mode, Call& call) {
  return inside(call, [&] { return device_->control_ren(mode, call); });
}

Status TmcChannel::control_out(const spi::UsbSetup& setup, std::span<const std::byte> data,
                               Call& call) {
  std::vector<std::byte> copy(data.begin(), data.end());
  return device_->control(setup, copy, call).status();
}

Result<std::size_t> TmcChannel::control_in(const spi::UsbSetup& setup, std::span<std::byte> into,
                                           Call& call) {
  return device_->control(setup, into, call);
}

spi::Facets TmcChannel::facets() noexcept {
  spi::Facets facets;
  facets.remote_local = this;
  facets.usb = this;
  return facets;
}

Status TmcChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (type != VI_EVENT_SERVICE_REQ && type != VI_EVENT_USB_INTR) return Status::error_inv_event;
  if (!device_->status().has_interrupts()) {
    return call.fail(Status::error_inv_event,
                     device_->facts().name +
                         ": the instrument has no interrupt pipe, so it cannot "
                         "request service; poll with viReadSTB");
  }
  enabled_.emplace_back(type, &sink);
  device_->status().subscribe(type, sink, interrupt_size_.load(std::memory_order_relaxed));
  return Status::success;
}

Status TmcChannel::disable_event(ViEventType type, Call&) {
  const auto at = std::find_if(enabled_.begin(), enabled_.end(),
                               [type](const auto& one) { return one.first == type; });
  if (at == enabled_.end()) return Status::error_inv_event;
  device_->status().unsubscribe(type, *at->second);
  enabled_.erase(at);
  return Status::success;
}

std::span<const spi::Binding<TmcChannel>> TmcChannel::bindings() noexcept {
  static constexpr spi::Binding<TmcChannel> kBindings[] = {
      {VI_ATTR_MANF_ID, &TmcChannel::vendor, nullptr},
      {VI_ATTR_MODEL_CODE, &TmcChannel::product, nullptr},
      {VI_ATTR_MANF_NAME, &TmcChannel::manufacturer, nullptr},
      {VI_ATTR_MODEL_NAME, &TmcChannel::model, nullptr},
      {VI_ATTR_USB_SERIAL_NUM, &TmcChannel::serial, nullptr},
      {VI_ATTR_USB_INTFC_NUM, &TmcChannel::interface_number, nullptr},
      {VI_ATTR_USB_PROTOCOL, &TmcChannel::protocol, nullptr},
      {VI_ATTR_4882_COMPLIANT, &TmcChannel::compliant, nullptr},
      {VI_ATTR_USB_MAX_INTR_SIZE, &TmcChannel::interrupt_size, &TmcChannel::set_interrupt_size},
  };
  return kBindings;
}

Result<model::AttributeValue> TmcChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status TmcChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

TmcChannel::Value TmcChannel::vendor(Call&) {
  return number(device_->facts().vendor);
}

TmcChannel::Value TmcChannel::product(Call&) {
  return number(device_->facts().product);
}

TmcChannel::Value TmcChannel::manufacturer(Call&) {
  return model::AttributeValue(device_->facts().manufacturer);
}

TmcChannel::Value TmcChannel::model(Call&) {
  return model::AttributeValue(device_->facts().model);
}

TmcChannel::Value TmcChannel::serial(Call&) {
  return model::AttributeValue(device_->facts().serial);
}

TmcChannel::Value TmcChannel::interface_number(Call&) {
  return number(device_->facts().interface);
}

TmcChannel::Value TmcChannel::protocol(Call&) {
  return number(device_->facts().protocol);
}

TmcChannel::Value TmcChannel::compliant(Call&) {
  return number(device_->wire().capabilities.compliant_4882 || device_->is_488() ? 1 : 0);
}

TmcChannel::Value TmcChannel::interrupt_size(Call&) {
  return number(interrupt_size_.load(std::memory_order_relaxed));
}

Status TmcChannel::set_interrupt_size(const model::AttributeValue& value, Call&) {
  interrupt_size_.store(static_cast<std::uint16_t>(model::number(value)),
                        std::memory_order_relaxed);
  return Status::success;
}

}  // namespace visa::drivers::usb
