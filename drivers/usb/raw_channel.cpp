// SPDX-License-Identifier: MIT
// Maps the calls of spi::Channel to the shared device and to the pipes that this session has
// chosen; raw_attributes.cpp has the attributes.
#include "drivers/usb/raw_channel.h"

#include <utility>
#include <vector>

#include "drivers/libusb/usb_error.h"

namespace visa::drivers::usb {

RawChannel::RawChannel(RawDevices::Lease device) : device_(std::move(device)) {
  device_->join();
  choose_pipes();
}

/// The first pipe of each kind.
void RawChannel::choose_pipes() {
  const InterfaceInfo& setting = device_->setting();
  const auto address = [&](EndpointType type, bool in) -> std::int16_t {
    const EndpointInfo* const first = setting.first(type, in);
    return first == nullptr ? std::int16_t{-1} : std::int16_t{first->address};
  };
  out_ = address(EndpointType::bulk, false);
  in_ = address(EndpointType::bulk, true);
  interrupt_ = address(EndpointType::interrupt, true);
  const EndpointInfo* const info = device_->endpoint(interrupt_);
  interrupt_size_ = info == nullptr ? std::uint16_t{0} : info->packet;
}

void RawChannel::close(Call& call) noexcept {
  device_->leave();
  device_.release(call);
}

Status RawChannel::enter(const GatePass& pass, Call& call) const {
  if (pass.status() == Status::error_tmo) {
    return call.fail(Status::error_tmo, device_->facts().name +
                                            ": another session or thread is using the device; "
                                            "wait longer");
  }
  if (ok(pass.status()) && device_->gone()) {
    return fail(UsbOutcome::gone, device_->facts().name, "using it", call);
  }
  return pass.status();
}

spi::ReadResult RawChannel::read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) {
  const GatePass pass(device_.gate(), call);
  if (const Status status = enter(pass, call); failed(status)) return {.status = status};
  const EndpointInfo* const pipe = device_->endpoint(in_);
  if (pipe == nullptr) {
    return {.status = call.fail(Status::error_inv_setup,
                                device_->facts().name + ": no bulk-IN pipe to read from; choose "
                                                        "one by VI_ATTR_USB_BULK_IN_PIPE")};
  }
  return device_->read(*pipe, end_, into, rule, call);
}

spi::WriteResult RawChannel::write(std::span<const std::byte> data, const spi::WriteRule&,
                                   Call& call) {
  const GatePass pass(device_.gate(), call);
  if (const Status status = enter(pass, call); failed(status)) return {.status = status};
  const EndpointInfo* const pipe = device_->endpoint(out_);
  if (pipe == nullptr) {
    return {.status = call.fail(Status::error_inv_setup,
                                device_->facts().name + ": no bulk-OUT pipe to write to; choose "
                                                        "one by VI_ATTR_USB_BULK_OUT_PIPE")};
  }
  return device_->write(*pipe, data, call);
}

void RawChannel::wake() noexcept {
  device_.gate().wake();
  device_->wake();
}

Status RawChannel::control_out(const spi::UsbSetup& setup, std::span<const std::byte> data,
                               Call& call) {
  std::vector<std::byte> copy(data.begin(), data.end());
  const auto sent = device_->control(setup, copy, call);
  return sent ? Status::success : sent.status();
}

Result<std::size_t> RawChannel::control_in(const spi::UsbSetup& setup, std::span<std::byte> into,
                                           Call& call) {
  return device_->control(setup, into, call);
}

spi::Facets RawChannel::facets() noexcept {
  spi::Facets facets;
  facets.usb = this;
  return facets;
}

Status RawChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  if (type != VI_EVENT_USB_INTR) return Status::error_inv_event;
  const EndpointInfo* const pipe = device_->endpoint(interrupt_);
  if (pipe == nullptr) {
    return call.fail(Status::error_inv_event,
                     device_->facts().name + ": the interface has no interrupt-IN pipe");
  }
  const Status status = device_->subscribe(*pipe, sink, interrupt_size_, call);
  if (ok(status)) enabled_ = &sink;
  return status;
}

Status RawChannel::disable_event(ViEventType type, Call&) {
  if (type != VI_EVENT_USB_INTR || enabled_ == nullptr) return Status::error_inv_event;
  device_->unsubscribe(*std::exchange(enabled_, nullptr));
  return Status::success;
}

}  // namespace visa::drivers::usb
