// SPDX-License-Identifier: MIT
// The attributes of a session on a serial port, one table for both directions.
#include "drivers/serial/serial_channel.h"

namespace visa::drivers::serial {
namespace {

using model::AttributeValue;

AttributeValue number(std::int64_t value) {
  return AttributeValue(static_cast<std::uint64_t>(value));
}

template <class T>
T as(const AttributeValue& value) {
  return static_cast<T>(model::number(value));
}

}  // namespace

std::span<const spi::Binding<SerialChannel>> SerialChannel::bindings() noexcept {
  using C = SerialChannel;
  static constexpr spi::Binding<C> kBindings[] = {
      {VI_ATTR_ASRL_AVAIL_NUM, &C::available, nullptr},
      {VI_ATTR_ASRL_BAUD, &C::baud, &C::set_baud},
      {VI_ATTR_ASRL_DATA_BITS, &C::data_bits, &C::set_data_bits},
      {VI_ATTR_ASRL_PARITY, &C::parity, &C::set_parity},
      {VI_ATTR_ASRL_STOP_BITS, &C::stop_bits, &C::set_stop_bits},
      {VI_ATTR_ASRL_FLOW_CNTRL, &C::flow, &C::set_flow},
      {VI_ATTR_ASRL_XON_CHAR, &C::xon, &C::set_xon},
      {VI_ATTR_ASRL_XOFF_CHAR, &C::xoff, &C::set_xoff},
      {VI_ATTR_ASRL_CTS_STATE, &C::input_line<ModemLine::cts>, nullptr},
      {VI_ATTR_ASRL_DSR_STATE, &C::input_line<ModemLine::dsr>, nullptr},
      {VI_ATTR_ASRL_DCD_STATE, &C::input_line<ModemLine::dcd>, nullptr},
      {VI_ATTR_ASRL_RI_STATE, &C::input_line<ModemLine::ri>, nullptr},
      {VI_ATTR_ASRL_DTR_STATE, &C::output_line<ModemLine::dtr>,
       &C::set_output_line<ModemLine::dtr>},
      {VI_ATTR_ASRL_RTS_STATE, &C::output_line<ModemLine::rts>,
       &C::set_output_line<ModemLine::rts>},
      {VI_ATTR_ASRL_REPLACE_CHAR, &C::replacement, &C::set_replacement},
      {VI_ATTR_ASRL_DISCARD_NULL, &C::discards_nulls, &C::set_discards_nulls},
      {VI_ATTR_ASRL_CONNECTED, &C::connected, nullptr},
      {VI_ATTR_ASRL_BREAK_STATE, &C::break_state, &C::set_break_state},
      {VI_ATTR_ASRL_BREAK_LEN, &C::break_length, &C::set_break_length},
      {VI_ATTR_ASRL_ALLOW_TRANSMIT, &C::may_transmit, &C::set_may_transmit},
      {VI_ATTR_ASRL_WIRE_MODE, &C::wire_mode, &C::set_wire_mode},
  };
  return kBindings;
}

Result<AttributeValue> SerialChannel::get_attribute(ViAttr id, Call& call) {
  return spi::get_bound(bindings(), *this, id, call);
}

Status SerialChannel::set_attribute(ViAttr id, const AttributeValue& value, Call& call) {
  return spi::set_bound(bindings(), *this, id, value, call);
}

Result<AttributeValue> SerialChannel::available(Call& call) {
  const auto count = port_->input.available(call);
  if (!count) return count.status();
  return number(*count);
}

Result<AttributeValue> SerialChannel::baud(Call&) {
  return number(port_->control.settings().baud);
}

Status SerialChannel::set_baud(const AttributeValue& value, Call& call) {
  return port_->control.change([&](LineSettings& line) { line.baud = as<std::uint32_t>(value); },
                               call);
}

Result<AttributeValue> SerialChannel::data_bits(Call&) {
  return number(port_->control.settings().data_bits);
}

Status SerialChannel::set_data_bits(const AttributeValue& value, Call& call) {
  return port_->control.change(
      [&](LineSettings& line) { line.data_bits = as<std::uint16_t>(value); }, call);
}

Result<AttributeValue> SerialChannel::parity(Call&) {
  return number(port_->control.settings().parity);
}

Status SerialChannel::set_parity(const AttributeValue& value, Call& call) {
  return port_->control.change([&](LineSettings& line) { line.parity = as<std::uint16_t>(value); },
                               call);
}

Result<AttributeValue> SerialChannel::stop_bits(Call&) {
  return number(port_->control.settings().stop_bits);
}

Status SerialChannel::set_stop_bits(const AttributeValue& value, Call& call) {
  return port_->control.change(
      [&](LineSettings& line) { line.stop_bits = as<std::uint16_t>(value); }, call);
}

Result<AttributeValue> SerialChannel::flow(Call&) {
  return number(port_->control.settings().flow);
}

// Without XON/XOFF nothing may stay stopped by VI_ATTR_ASRL_ALLOW_TRANSMIT.
Status SerialChannel::set_flow(const AttributeValue& value, Call& call) {
  const auto wanted = as<std::uint16_t>(value);
  if ((wanted & VI_ASRL_FLOW_XON_XOFF) == 0 && !port_->control.may_transmit()) {
    const Status going = port_->control.set_may_transmit(true, call);
    if (failed(going)) return going;
  }
  return port_->control.change([&](LineSettings& line) { line.flow = wanted; }, call);
}

Result<AttributeValue> SerialChannel::xon(Call&) {
  return number(port_->control.settings().xon);
}

Status SerialChannel::set_xon(const AttributeValue& value, Call& call) {
  return port_->control.change([&](LineSettings& line) { line.xon = as<std::uint8_t>(value); },
                               call);
}

Result<AttributeValue> SerialChannel::xoff(Call&) {
  return number(port_->control.settings().xoff);
}

Status SerialChannel::set_xoff(const AttributeValue& value, Call& call) {
  return port_->control.change([&](LineSettings& line) { line.xoff = as<std::uint8_t>(value); },
                               call);
}

template <ModemLine line>
Result<AttributeValue> SerialChannel::input_line(Call& call) {
  const auto state = modem_line(port_->tty, line, call);
  if (!state) return state.status();
  return number(*state);
}

// While flow control drives a line, its state changes with the data: unknown, and not to be set.
template <ModemLine line>
Result<AttributeValue> SerialChannel::output_line(Call& call) {
  constexpr unsigned kFlow = line == ModemLine::rts ? VI_ASRL_FLOW_RTS_CTS : VI_ASRL_FLOW_DTR_DSR;
  if ((port_->control.settings().flow & kFlow) != 0) return number(VI_STATE_UNKNOWN);
  return input_line<line>(call);
}

template <ModemLine line>
Status SerialChannel::set_output_line(const AttributeValue& value, Call& call) {
  constexpr unsigned kFlow = line == ModemLine::rts ? VI_ASRL_FLOW_RTS_CTS : VI_ASRL_FLOW_DTR_DSR;
  if ((port_->control.settings().flow & kFlow) != 0) {
    return port_->tty.refuse(Status::error_nsup_attr_state,
                             "flow control drives this line; set VI_ATTR_ASRL_FLOW_CNTRL to "
                             "another value first",
                             call);
  }
  return set_modem_line(port_->tty, line, as<int>(value) == VI_STATE_ASSERTED, call);
}

Result<AttributeValue> SerialChannel::replacement(Call&) {
  return number(replacement_.load(std::memory_order_relaxed));
}

Status SerialChannel::set_replacement(const AttributeValue& value, Call&) {
  replacement_.store(as<std::uint8_t>(value), std::memory_order_relaxed);
  return Status::success;
}

Result<AttributeValue> SerialChannel::discards_nulls(Call&) {
  return number(port_->input.discards_nulls() ? VI_TRUE : VI_FALSE);
}

Status SerialChannel::set_discards_nulls(const AttributeValue& value, Call&) {
  port_->input.set_discard_nulls(as<int>(value) != 0);
  return Status::success;
}

Result<AttributeValue> SerialChannel::connected(Call&) {
  return number(port_->tty.connected() ? VI_TRUE : VI_FALSE);
}

Result<AttributeValue> SerialChannel::break_state(Call&) {
  return number(port_->control.holds_break() ? VI_STATE_ASSERTED : VI_STATE_UNASSERTED);
}

Status SerialChannel::set_break_state(const AttributeValue& value, Call& call) {
  return port_->control.set_break(as<int>(value) == VI_STATE_ASSERTED, call);
}

Result<AttributeValue> SerialChannel::break_length(Call&) {
  return number(break_ms_.load(std::memory_order_relaxed));
}

Status SerialChannel::set_break_length(const AttributeValue& value, Call&) {
  break_ms_.store(as<std::uint16_t>(value), std::memory_order_relaxed);
  return Status::success;
}

Result<AttributeValue> SerialChannel::may_transmit(Call&) {
  return number(port_->control.may_transmit() ? VI_TRUE : VI_FALSE);
}

Status SerialChannel::set_may_transmit(const AttributeValue& value, Call& call) {
  return port_->control.set_may_transmit(as<int>(value) != 0, call);
}

Result<AttributeValue> SerialChannel::wire_mode(Call& call) {
  const auto mode = port_->control.wire_mode(call);
  if (!mode) return mode.status();
  return number(*mode);
}

Status SerialChannel::set_wire_mode(const AttributeValue& value, Call& call) {
  return port_->control.set_wire_mode(static_cast<int>(as<std::int16_t>(value)), call);
}

}  // namespace visa::drivers::serial
