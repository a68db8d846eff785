// SPDX-License-Identifier: MIT
// The parts of the port do the work; this file maps the calls of spi::Channel to them and explains
// timeouts to the user.
#include "drivers/serial/serial_channel.h"

#include <algorithm>

namespace visa::drivers::serial {

void SerialChannel::close(Call& call) noexcept {
  port_.release(call);
}

std::uint8_t SerialChannel::last_bit() const {
  return static_cast<std::uint8_t>(1U << (port_->control.settings().data_bits - 1U));
}

spi::ReadResult SerialChannel::read(std::span<std::byte> into, const spi::EndRule& rule,
                                    Call& call) {
  const std::uint8_t bit = rule.last_bit ? last_bit() : std::uint8_t{0};
  const auto result =
      port_->input.read(into, rule, bit, replacement_.load(std::memory_order_relaxed), call);
  if (result.status != Status::error_tmo || call.deadline.is_immediate()) return result;
  std::string_view text;
  if (result.count == 0) {
    text =
        "no answer in time; was it a query, does it end as the instrument expects, and do baud "
        "rate, data bits and parity fit?";
  } else if (rule.termchar_enabled || rule.last_bit) {
    text =
        "the answer did not reach its end in time; does the instrument end it as "
        "VI_ATTR_ASRL_END_IN and VI_ATTR_TERMCHAR say?";
  } else {
    text =
        "the answer was shorter than the count; with VI_ATTR_ASRL_END_IN = NONE only the count "
        "ends a read";
  }
  port_->tty.refuse(result.status, text, call);
  return result;
}

spi::WriteResult SerialChannel::write(std::span<const std::byte> data, const spi::WriteRule& rule,
                                      Call& call) {
  const std::uint8_t bit = rule.masks_last_bit ? last_bit() : std::uint8_t{0};
  const std::chrono::milliseconds break_length(break_ms_.load(std::memory_order_relaxed));
  return port_->output.write(data, rule, bit, break_length, call);
}

Status SerialChannel::clear(Call& call) {
  const std::chrono::milliseconds length(break_ms_.load(std::memory_order_relaxed));
  if (const Status sent = port_->output.abandon_with_break(length, call); failed(sent)) return sent;
  return port_->input.discard_until_quiet(call);
}

Status SerialChannel::resize(bool input, std::uint32_t size, Call&) {
  const bool done = input ? port_->input.resize(size) : port_->output.resize(size);
  return done ? Status::success : Status::warn_nsup_buf;
}

spi::Facets SerialChannel::facets() noexcept {
  spi::Facets facets;
  facets.buffers = this;
  facets.serial = this;
  return facets;
}

Status SerialChannel::enable_event(ViEventType type, spi::EventSink& sink, Call& call) {
  enabled_.reserve(enabled_.size() + 1);
  const Status status = port_->events.subscribe(type, sink, termchar_, port_->input, call);
  if (ok(status)) enabled_.emplace_back(type, &sink);
  return status;
}

Status SerialChannel::disable_event(ViEventType type, Call&) {
  const auto at = std::find_if(enabled_.begin(), enabled_.end(),
                               [type](const auto& one) { return one.first == type; });
  if (at == enabled_.end()) return Status::error_inv_event;
  spi::EventSink& sink = *at->second;
  enabled_.erase(at);
  return port_->events.unsubscribe(type, sink, port_->input);
}

}  // namespace visa::drivers::serial
