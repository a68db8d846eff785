// SPDX-License-Identifier: MIT
// The attributes of RAW sessions: which pipes a session uses, and how they are.
#include "drivers/usb/raw_channel.h"

namespace visa::drivers::usb {
namespace {

template <class Number>
model::AttributeValue number(Number value) {
  return model::AttributeValue(model::signed_value(static_cast<std::int64_t>(value)));
}

}  // namespace

std::span<const spi::Binding<RawChannel>> RawChannel::bindings() noexcept {
  using C = RawChannel;
  static constexpr spi::Binding<RawChannel> kBindings[] = {
      {VI_ATTR_MANF_ID, &C::vendor, nullptr},
      {VI_ATTR_MODEL_CODE, &C::product, nullptr},
      {VI_ATTR_MANF_NAME, &C::manufacturer, nullptr},
      {VI_ATTR_MODEL_NAME, &C::model, nullptr},
      {VI_ATTR_USB_SERIAL_NUM, &C::serial, nullptr},
      {VI_ATTR_USB_INTFC_NUM, &C::interface_number, nullptr},
      {VI_ATTR_USB_PROTOCOL, &C::protocol, nullptr},
      {VI_ATTR_USB_CLASS, &C::interface_class, nullptr},
      {VI_ATTR_USB_SUBCLASS, &C::subclass, nullptr},
      {VI_ATTR_USB_ALT_SETTING, &C::alternate, &C::set_alternate},
      {VI_ATTR_USB_NUM_INTFCS, &C::interfaces, nullptr},
      {VI_ATTR_USB_NUM_PIPES, &C::pipes, nullptr},
      {VI_ATTR_USB_MAX_INTR_SIZE, &C::interrupt_size, &C::set_interrupt_size},
      {VI_ATTR_USB_BULK_OUT_PIPE, &C::bulk_out, &C::set_bulk_out},
      {VI_ATTR_USB_BULK_IN_PIPE, &C::bulk_in, &C::set_bulk_in},
      {VI_ATTR_USB_INTR_IN_PIPE, &C::interrupt_in, &C::set_interrupt_in},
      {VI_ATTR_USB_CTRL_PIPE, &C::control_pipe, &C::set_control_pipe},
      {VI_ATTR_USB_END_IN, &C::end_in, &C::set_end_in},
      {VI_ATTR_USB_BULK_OUT_STATUS, &C::bulk_out_state, &C::set_bulk_out_state},
      {VI_ATTR_USB_BULK_IN_STATUS, &C::bulk_in_state, &C::set_bulk_in_state},
      {VI_ATTR_USB_INTR_IN_STATUS, &C::interrupt_in_state, &C::set_interrupt_in_state},
  };
  return kBindings;
}

Result<model::AttributeValue> RawChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status RawChannel::set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

/// A pipe is an endpoint of the setting in use; the class of a session has bulk and interrupt
/// pipes.
Status RawChannel::set_pipe(Number& pipe, bool in, const model::AttributeValue& value, Call& call) {
  const auto address = static_cast<std::int16_t>(model::number(value));
  const EndpointInfo* const info = device_->endpoint(address);
  if (address != -1 && (info == nullptr || info->in() != in)) {
    return call.fail(Status::error_nsup_attr_state,
                     device_->facts().name + ": the interface has no pipe of this address");
  }
  pipe = address;
  return Status::success;
}

RawChannel::Value RawChannel::pipe_state(const Number& pipe, Call& call) {
  const GatePass pass(device_.gate(), call);
  if (failed(pass.status())) return pass.status();
  return number(static_cast<std::int16_t>(device_->state(pipe)));
}

/// VI_USB_PIPE_READY is the only value: it ends a stall.
Status RawChannel::set_pipe_state(const Number& pipe, Call& call) {
  const GatePass pass(device_.gate(), call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  if (device_->endpoint(pipe) == nullptr) return Status::error_nsup_attr_state;
  return device_->clear_halt(pipe, call);
}

RawChannel::Value RawChannel::vendor(Call&) {
  return number(device_->facts().vendor);
}
RawChannel::Value RawChannel::product(Call&) {
  return number(device_->facts().product);
}
RawChannel::Value RawChannel::manufacturer(Call&) {
  return model::AttributeValue(device_->facts().manufacturer);
}
RawChannel::Value RawChannel::model(Call&) {
  return model::AttributeValue(device_->facts().model);
}
RawChannel::Value RawChannel::serial(Call&) {
  return model::AttributeValue(device_->facts().serial);
}
RawChannel::Value RawChannel::interface_number(Call&) {
  return number(device_->facts().interface);
}
RawChannel::Value RawChannel::protocol(Call&) {
  return number(device_->setting().protocol);
}
RawChannel::Value RawChannel::interface_class(Call&) {
  return number(device_->setting().interface_class);
}
RawChannel::Value RawChannel::subclass(Call&) {
  return number(device_->setting().subclass);
}
RawChannel::Value RawChannel::alternate(Call&) {
  return number(device_->setting().alternate);
}

Status RawChannel::set_alternate(const model::AttributeValue& value, Call& call) {
  const GatePass pass(device_.gate(), call);
  if (const Status status = enter(pass, call); failed(status)) return status;
  const Status set = device_->set_alternate(static_cast<std::uint8_t>(model::number(value)), call);
  if (ok(set)) choose_pipes();
  return set;
}

RawChannel::Value RawChannel::interfaces(Call&) {
  return number(device_->interfaces());
}
RawChannel::Value RawChannel::pipes(Call&) {
  return number(device_->setting().endpoints.size());
}
RawChannel::Value RawChannel::interrupt_size(Call&) {
  return number(interrupt_size_.load());
}
Status RawChannel::set_interrupt_size(const model::AttributeValue& value, Call&) {
  interrupt_size_ = static_cast<std::uint16_t>(model::number(value));
  return Status::success;
}
RawChannel::Value RawChannel::bulk_out(Call&) {
  return number(out_.load());
}
Status RawChannel::set_bulk_out(const model::AttributeValue& value, Call& call) {
  return set_pipe(out_, false, value, call);
}
RawChannel::Value RawChannel::bulk_in(Call&) {
  return number(in_.load());
}
Status RawChannel::set_bulk_in(const model::AttributeValue& value, Call& call) {
  return set_pipe(in_, true, value, call);
}
RawChannel::Value RawChannel::interrupt_in(Call&) {
  return number(interrupt_.load());
}
Status RawChannel::set_interrupt_in(const model::AttributeValue& value, Call& call) {
  return set_pipe(interrupt_, true, value, call);
}
RawChannel::Value RawChannel::control_pipe(Call&) {
  return number(0);
}

Status RawChannel::set_control_pipe(const model::AttributeValue& value, Call& call) {
  if (model::number(value) == 0) return Status::success;
  return call.fail(Status::error_nsup_attr_state, "control transfers go by the default pipe, 0");
}

RawChannel::Value RawChannel::end_in(Call&) {
  return number(static_cast<std::uint16_t>(end_.load()));
}
Status RawChannel::set_end_in(const model::AttributeValue& value, Call&) {
  end_ = static_cast<RawEnd>(model::number(value));
  return Status::success;
}
RawChannel::Value RawChannel::bulk_out_state(Call& call) {
  return pipe_state(out_, call);
}
Status RawChannel::set_bulk_out_state(const model::AttributeValue&, Call& call) {
  return set_pipe_state(out_, call);
}
RawChannel::Value RawChannel::bulk_in_state(Call& call) {
  return pipe_state(in_, call);
}
Status RawChannel::set_bulk_in_state(const model::AttributeValue&, Call& call) {
  return set_pipe_state(in_, call);
}
RawChannel::Value RawChannel::interrupt_in_state(Call& call) {
  return pipe_state(interrupt_, call);
}
Status RawChannel::set_interrupt_in_state(const model::AttributeValue&, Call& call) {
  return set_pipe_state(interrupt_, call);
}

}  // namespace visa::drivers::usb
