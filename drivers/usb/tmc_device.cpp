// SPDX-License-Identifier: MIT
// Opening sends two control requests at most: GET_CAPABILITIES, which every instrument has, and
// REN. No device clear: some instruments hang when it is the first thing they get.
#include "drivers/usb/tmc_device.h"

#include <array>
#include <utility>
#include <vector>

#include "drivers/libusb/usb_error.h"
#include "lib/base/cancel_shield.h"

namespace visa::drivers::usb {
namespace {

Endpoint endpoint_of(const EndpointInfo* info) noexcept {
  return info == nullptr ? Endpoint{} : Endpoint{info->address, info->packet};
}

TmcWire wire_of(UsbInterface& usb, const UsbResource& resource, const Quirks& quirks) {
  const InterfaceInfo& interface = *resource.interface;
  return {.usb = usb,
          .label = resource.name.canonical(),
          .interface = interface.number,
          .out = endpoint_of(interface.first(EndpointType::bulk, false)),
          .in = endpoint_of(interface.first(EndpointType::bulk, true)),
          .capabilities = {},
          .quirks = quirks};
}

/// The control requests of opening take at most this: an instrument that ignores them is usable.
constexpr std::chrono::milliseconds kMostGreeting{1000};

}  // namespace

TmcDevice::TmcDevice(std::unique_ptr<UsbInterface> usb, const UsbResource& resource,
                     const Quirks& quirks)
    : usb_(std::move(usb)),
      facts_(facts_of(resource)),
      wire_(wire_of(*usb_, resource, quirks)),
      status_(wire_, endpoint_of(resource.interface->first(EndpointType::interrupt, true))),
      pipes_(std::make_unique<Pipes>(wire_)) {}

Result<std::unique_ptr<TmcDevice>> TmcDevice::open(std::unique_ptr<UsbInterface> usb,
                                                   const UsbResource& resource,
                                                   const Quirks& quirks, Call& call) {
  const InterfaceInfo& interface = *resource.interface;
  if (interface.first(EndpointType::bulk, false) == nullptr ||
      interface.first(EndpointType::bulk, true) == nullptr) {
    return call.fail(Status::error_rsrc_nfound, resource.name.canonical() +
                                                    ": the interface has no bulk pipes; it is no "
                                                    "USBTMC instrument");
  }
  std::unique_ptr<TmcDevice> made(new TmcDevice(std::move(usb), resource, quirks));
  if (const Status begun = made->begin(call); failed(begun)) {
    made->close(call);
    return begun;
  }
  return made;
}

// An instrument that refuses or ignores the requests has no capabilities. One that is gone, or a
// cancelled call, ends the opening.
Status TmcDevice::begin(Call& call) {
  const Deadline until = std::min(call.deadline, Deadline::after(kMostGreeting));
  std::array<std::byte, kCapabilitiesSize> reply{};
  const UsbEnd end = usb_->control(interface_request(TmcRequest::get_capabilities, wire_.interface),
                                   reply, call, until);
  if (end.outcome == UsbOutcome::gone || end.outcome == UsbOutcome::cancelled) {
    fail(end.outcome, wire_.label, "opening", call);
    return end.outcome == UsbOutcome::gone ? Status::error_rsrc_nfound : Status::error_abort;
  }
  if (end.outcome == UsbOutcome::done) {
    wire_.capabilities = read_capabilities(std::span(reply).first(end.count), facts_.protocol);
  }
  status_.start(call);
  if (wire_.capabilities.remote_local && !wire_.quirks.no_optional_requests) {
    Call asserting(call, until);  // a failure is none of the opening
    ask(TmcRequest::ren_control, 1, asserting);
  }
  return Status::success;
}

void TmcDevice::close(Call& call) noexcept {
  const CancelShield shield;
  if (pipes_ != nullptr && !usb_->gone()) pipes_->recovery.settle(call);
  pipes_.reset();
  usb_->close();
}

spi::ReadResult TmcDevice::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  return pipes_->in.read(into, rule, call);
}

spi::WriteResult TmcDevice::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                  Call& call) {
  if (!data.empty()) pipes_->in.drop();
  return pipes_->out.write(data, rule, call);
}

Status TmcDevice::clear(Call& call) {
  pipes_->in.drop();
  return pipes_->recovery.clear(call);
}

Status TmcDevice::trigger(Call& call) {
  if (!wire_.capabilities.trigger) {
    return call.fail(Status::error_nsup_oper,
                     wire_.label + ": the instrument has no trigger message; write *TRG instead");
  }
  return pipes_->out.trigger(call);
}

// One class request that is answered with a status only.
Status TmcDevice::ask(TmcRequest request, std::uint16_t value, Call& call) {
  std::array<std::byte, 1> reply{};
  const UsbEnd end = usb_->control(interface_request(request, wire_.interface, value), reply, call,
                                   with_least(call.deadline, std::chrono::milliseconds(50)));
  if (end.outcome == UsbOutcome::stalled) {
    return call.fail(Status::error_nsup_oper, wire_.label + ": the instrument refuses the request");
  }
  if (end.outcome != UsbOutcome::done) {
    return fail(end.outcome, wire_.label, "setting remote control", call);
  }
  if (static_cast<TmcStatus>(reply[0]) != TmcStatus::success) {
    return call.fail(Status::error_io, wire_.label + ": the instrument reports that it failed");
  }
  return Status::success;
}

// VPP-4.3 6.5.6; USB488 1.0, 4.3.2 to 4.3.4.
Status TmcDevice::control_ren(spi::RenMode mode, Call& call) {
  if (!wire_.capabilities.remote_local) {
    return call.fail(Status::error_nsup_oper,
                     wire_.label + ": the instrument has no remote and local control by USB");
  }
  const auto two = [&](TmcRequest first, std::uint16_t value, TmcRequest second) {
    const Status status = ask(first, value, call);
    return ok(status) ? ask(second, 0, call) : status;
  };
  switch (mode) {
    case spi::RenMode::deassert:
      return ask(TmcRequest::ren_control, 0, call);
    case spi::RenMode::assert_ren:
    case spi::RenMode::assert_address:
      return ask(TmcRequest::ren_control, 1, call);
    case spi::RenMode::deassert_gtl:
      return two(TmcRequest::go_to_local, 0, TmcRequest::ren_control);
    case spi::RenMode::assert_llo:
      return ask(TmcRequest::local_lockout, 0, call);
    case spi::RenMode::assert_address_llo:
      return two(TmcRequest::ren_control, 1, TmcRequest::local_lockout);
    case spi::RenMode::address_gtl:
      return ask(TmcRequest::go_to_local, 0, call);
  }
  return Status::error_inv_mode;
}

Result<std::size_t> TmcDevice::control(const spi::UsbSetup& setup, std::span<std::byte> data,
                                       Call& call) {
  const UsbEnd end =
      usb_->control(setup, data, call, with_least(call.deadline, std::chrono::milliseconds(50)));
  if (end.outcome != UsbOutcome::done) {
    return fail(end.outcome, wire_.label, "control transfer", call);
  }
  return end.count;
}

void TmcDevice::wake() noexcept {
  usb_->wake();
  status_.wake();
}

}  // namespace visa::drivers::usb
