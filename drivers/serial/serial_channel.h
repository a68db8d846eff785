// SPDX-License-Identifier: MIT
// One session on a serial port. Line settings and lines are those of the port; the length of a
// break and the character in place of damaged ones are of the session. Owned by its session;
// threads as spi::Channel says.
//
// After a timeout the next answer belongs to the next question only if nothing of the last one
// comes later: a serial line has no messages by which an answer could be told. viClear drops what
// has arrived and waits until the line is silent.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "drivers/serial/modem_lines.h"
#include "drivers/serial/serial_port.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"

namespace visa::drivers::serial {

class SerialChannel final : public spi::Channel,
                            private spi::BufferFacet,
                            private spi::SerialFacet {
 public:
  explicit SerialChannel(SerialPorts::Lease port) : port_(std::move(port)) {}

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override {
    return {.duplex = true, .stream = true, .flush_through = true};
  }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override { port_->wake(); }

  /// Drops the output, sends a break, drops the input (VPP-4.3, viClear).
  Status clear(Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// `edit(LineSettings&)` says what becomes of the settings of the port (LineControl::change).
  template <class Edit>
  Status change_line(Edit&& edit, Call& call) {
    return port_->control.change(std::forward<Edit>(edit), call);
  }

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<SerialChannel>> bindings() noexcept;

 private:
  using Value = model::AttributeValue;

  Status discard_input(Call& call) override { return port_->input.discard(call); }
  Status flush_output(bool discard, Call& call) override {
    return port_->output.flush(discard, call);
  }
  Status resize(bool input, std::uint32_t size, Call& call) override;
  void watch_termchar(std::uint8_t termchar) noexcept override { termchar_ = termchar; }

  std::uint8_t last_bit() const;

  // serial_attributes.cpp
  Result<Value> available(Call& call);
  Result<Value> baud(Call& call);
  Status set_baud(const Value& value, Call& call);
  Result<Value> data_bits(Call& call);
  Status set_data_bits(const Value& value, Call& call);
  Result<Value> parity(Call& call);
  Status set_parity(const Value& value, Call& call);
  Result<Value> stop_bits(Call& call);
  Status set_stop_bits(const Value& value, Call& call);
  Result<Value> flow(Call& call);
  Status set_flow(const Value& value, Call& call);
  Result<Value> xon(Call& call);
  Status set_xon(const Value& value, Call& call);
  Result<Value> xoff(Call& call);
  Status set_xoff(const Value& value, Call& call);
  template <ModemLine line>
  Result<Value> input_line(Call& call);
  template <ModemLine line>
  Result<Value> output_line(Call& call);
  template <ModemLine line>
  Status set_output_line(const Value& value, Call& call);
  Result<Value> replacement(Call& call);
  Status set_replacement(const Value& value, Call& call);
  Result<Value> discards_nulls(Call& call);
  Status set_discards_nulls(const Value& value, Call& call);
  Result<Value> connected(Call& call);
  Result<Value> break_state(Call& call);
  Status set_break_state(const Value& value, Call& call);
  Result<Value> break_length(Call& call);
  Status set_break_length(const Value& value, Call& call);
  Result<Value> may_transmit(Call& call);
  Status set_may_transmit(const Value& value, Call& call);
  Result<Value> wire_mode(Call& call);
  Status set_wire_mode(const Value& value, Call& call);

  SerialPorts::Lease port_;
  std::atomic<std::uint8_t> replacement_{0};
  std::atomic<std::uint16_t> break_ms_{250};
  std::uint8_t termchar_ = '\n';
  std::vector<std::pair<ViEventType, spi::EventSink*>> enabled_;
};

}  // namespace visa::drivers::serial
