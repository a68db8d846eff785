// SPDX-License-Identifier: MIT
// Maps the calls of spi::Channel to the link; the link does the waiting and the locking.
#include "drivers/vxi11/vxi11_channel.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "lib/base/cancel_shield.h"

namespace visa::drivers::vxi11 {
namespace {

/// An instrument that cannot connect to this computer may try for minutes; viEnableEvent waits this
/// long.
constexpr std::chrono::seconds kMostEnabling{5};
constexpr std::chrono::seconds kLeastEnabling{2};

}  // namespace

Vxi11Channel::Vxi11Channel(std::unique_ptr<Link> link, std::string host, std::string device,
                           const ConnectOptions& options, bool acknowledge)
    : TcpAttributes(link->peer(), std::move(host), options),
      link_(std::move(link)),
      device_(std::move(device)),
      acknowledge_(acknowledge) {}

void Vxi11Channel::close(Call& call) noexcept {
  const CancelShield shield;
  registration_.reset();
  link_->destroy(call);
}

spi::ReadResult Vxi11Channel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                   Call& call) {
  return link_->read(into, rule, call);
}

spi::WriteResult Vxi11Channel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                     Call& call) {
  return link_->write(data, rule.end == spi::WriteEnd::end, call);
}

void Vxi11Channel::wake() noexcept {
  link_->wake();
}

Result<std::uint8_t> Vxi11Channel::read_status_byte(Call& call) {
  return link_->read_status_byte(call);
}

Status Vxi11Channel::clear(Call& call) {
  return link_->clear(call);
}

// B.6.39: device_trigger has no selector.
Status Vxi11Channel::trigger(const spi::TriggerRule& rule, Call& call) {
  if (static_cast<ViUInt16>(rule.protocol) != VI_TRIG_PROT_DEFAULT) return Status::error_inv_prot;
  return link_->operate(Procedure::device_trigger, call);
}

// 6.5.6. There is no call for the REN line alone: device_remote asserts it and addresses the
// device, device_local sends GTL.
Status Vxi11Channel::control_ren(spi::RenMode mode, Call& call) {
  switch (mode) {
    case spi::RenMode::assert_address:
    case spi::RenMode::assert_address_llo:
      return link_->operate(Procedure::device_remote, call);
    case spi::RenMode::deassert_gtl:
    case spi::RenMode::address_gtl:
      return link_->operate(Procedure::device_local, call);
    default:
      return call.fail(Status::error_inv_mode,
                       "VXI-11 addresses the device with every change of REN: use the modes "
                       "ASSERT_ADDRESS, ASSERT_ADDRESS_LLO, DEASSERT_GTL or ADDRESS_GTL");
  }
}

Status Vxi11Channel::lock(spi::RemoteLockKind, std::string_view, Call& call) {
  return link_->lock(call);
}

Status Vxi11Channel::unlock(spi::RemoteLockKind, Call& call) {
  return link_->unlock(call);
}

spi::Facets Vxi11Channel::facets() noexcept {
  spi::Facets facets;
  facets.remote_local = this;
  facets.remote_lock = this;
  facets.commands = this;
  return facets;
}

Status Vxi11Channel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (type != VI_EVENT_SERVICE_REQ) return Status::error_inv_event;
  auto registration = register_interrupts(link_->peer(), acknowledge_, sink, call);
  if (!registration) return registration.status();
  Call bounded(call, call.deadline.is_immediate()
                         ? Deadline::after(kLeastEnabling)
                         : std::min(call.deadline, Deadline::after(kMostEnabling)));
  Status status = link_->open_interrupts((*registration)->handle(), bounded);
  if (ok(status)) {
    status = link_->enable_service_requests(true, bounded);
    if (failed(status)) {
      Call undo(call, bounded.deadline);  // the reason stays that of the failure
      link_->close_interrupts(undo);
    }
  }
  call.detail = std::move(bounded.detail);
  if (ok(status)) registration_ = *std::move(registration);
  return status;
}

// Sends the whole handle: an empty one crashes some instruments (pyvisa-py's issue 620).
Status Vxi11Channel::disable_event(ViEventType type, Call& call) {
  if (type != VI_EVENT_SERVICE_REQ || registration_ == nullptr) return Status::error_inv_event;
  const Status disabled = link_->enable_service_requests(false, call);
  Call closing(call, call.deadline);  // the reason stays that of the first failure
  const Status closed = link_->close_interrupts(closing);
  registration_.reset();
  if (failed(disabled)) return disabled;
  call.detail = std::move(closing.detail);
  return closed;
}

std::span<const spi::Binding<Vxi11Channel>> Vxi11Channel::bindings() noexcept {
  static constexpr spi::Binding<Vxi11Channel> kBindings[] = {
      {VI_ATTR_TCPIP_ADDR, &Vxi11Channel::address, nullptr},
      {VI_ATTR_TCPIP_HOSTNAME, &Vxi11Channel::hostname, nullptr},
      {VI_ATTR_TCPIP_DEVICE_NAME, &Vxi11Channel::device_name, nullptr},
      {VI_ATTR_TCPIP_IS_HISLIP, &Vxi11Channel::is_hislip, nullptr},
      {VI_ATTR_TCPIP_NODELAY, &Vxi11Channel::nodelay, &Vxi11Channel::set_nodelay},
      {VI_ATTR_TCPIP_KEEPALIVE, &Vxi11Channel::keepalive, &Vxi11Channel::set_keepalive},
  };
  return kBindings;
}

Result<model::AttributeValue> Vxi11Channel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status Vxi11Channel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

Result<model::AttributeValue> Vxi11Channel::device_name(Call&) {
  return model::AttributeValue(device_);
}

Result<model::AttributeValue> Vxi11Channel::is_hislip(Call&) {
  return model::AttributeValue(std::uint64_t{0});
}

}  // namespace visa::drivers::vxi11
