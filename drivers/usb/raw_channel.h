// SPDX-License-Identifier: MIT
// One session on a USB interface without a known protocol (USB::...::RAW, an extension of NI): bulk
// pipes, an interrupt pipe and the default pipe. Owned by one session; threads as spi::Channel
// says.
#pragma once

#include <atomic>
#include <memory>
#include <span>

#include "drivers/usb/raw_device.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers::usb {

class RawChannel final : public spi::Channel, private spi::UsbControlFacet {
 public:
  explicit RawChannel(RawDevices::Lease device);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override { return {}; }
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<RawChannel>> bindings() noexcept;

 private:
  using Value = Result<model::AttributeValue>;
  using Number = std::atomic<std::int16_t>;

  Status control_out(const spi::UsbSetup& setup, std::span<const std::byte> data,
                     Call& call) override;
  Result<std::size_t> control_in(const spi::UsbSetup& setup, std::span<std::byte> into,
                                 Call& call) override;

  void choose_pipes();
  Status enter(const GatePass& pass, Call& call) const;
  Status set_pipe(Number& pipe, bool in, const model::AttributeValue& value, Call& call);
  Value pipe_state(const Number& pipe, Call& call);
  Status set_pipe_state(const Number& pipe, Call& call);

  Value vendor(Call& call);
  Value product(Call& call);
  Value manufacturer(Call& call);
  Value model(Call& call);
  Value serial(Call& call);
  Value interface_number(Call& call);
  Value protocol(Call& call);
  Value interface_class(Call& call);
  Value subclass(Call& call);
  Value alternate(Call& call);
  Status set_alternate(const model::AttributeValue& value, Call& call);
  Value interfaces(Call& call);
  Value pipes(Call& call);
  Value interrupt_size(Call& call);
  Status set_interrupt_size(const model::AttributeValue& value, Call& call);
  Value bulk_out(Call& call);
  Status set_bulk_out(const model::AttributeValue& value, Call& call);
  Value bulk_in(Call& call);
  Status set_bulk_in(const model::AttributeValue& value, Call& call);
  Value interrupt_in(Call& call);
  Status set_interrupt_in(const model::AttributeValue& value, Call& call);
  Value control_pipe(Call& call);
  Status set_control_pipe(const model::AttributeValue& value, Call& call);
  Value end_in(Call& call);
  Status set_end_in(const model::AttributeValue& value, Call& call);
  Value bulk_out_state(Call& call);
  Status set_bulk_out_state(const model::AttributeValue& value, Call& call);
  Value bulk_in_state(Call& call);
  Status set_bulk_in_state(const model::AttributeValue& value, Call& call);
  Value interrupt_in_state(Call& call);
  Status set_interrupt_in_state(const model::AttributeValue& value, Call& call);

  RawDevices::Lease device_;
  Number out_{-1};
  Number in_{-1};
  Number interrupt_{-1};
  std::atomic<RawEnd> end_{RawEnd::short_or_count};
  std::atomic<std::uint16_t> interrupt_size_{0};
  spi::EventSink* enabled_ = nullptr;
};

}  // namespace visa::drivers::usb
