// SPDX-License-Identifier: MIT
// One session on a USBTMC instrument (USB::...::INSTR). Owned by one session; threads as
// spi::Channel says. Sessions of one process share the device; a message of one is not begun while
// an answer to another is awaited, so a write waits for a read in progress, within its timeout.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "drivers/usb/tmc_device.h"
#include "lib/spi/bindings.h"
#include "lib/spi/channel.h"
#include "lib/spi/facets.h"

namespace visa::drivers::usb {

class TmcChannel final : public spi::Channel,
                         private spi::RemoteLocalFacet,
                         private spi::UsbControlFacet {
 public:
  explicit TmcChannel(TmcDevices::Lease device);

  void close(Call& call) noexcept override;
  spi::Traits traits() const noexcept override;
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call) override;
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule,
                         Call& call) override;
  void wake() noexcept override;
  Result<std::uint8_t> read_status_byte(Call& call) override;
  Status clear(Call& call) override;
  Status trigger(const spi::TriggerRule& rule, Call& call) override;

  Result<model::AttributeValue> get_attribute(ViAttr id, Call& call) override;
  Status set_attribute(ViAttr id, const model::AttributeValue& value, Call& call) override;
  Status enable_event(ViEventType type, spi::EventSink& sink, Call& call) override;
  Status disable_event(ViEventType type, Call& call) override;
  spi::Facets facets() noexcept override;

  /// Every attribute this class answers; a test compares it with the attribute table.
  static std::span<const spi::Binding<TmcChannel>> bindings() noexcept;

 private:
  using Value = Result<model::AttributeValue>;

  Status control_ren(spi::RenMode mode, Call& call) override;
  Status control_out(const spi::UsbSetup& setup, std::span<const std::byte> data,
                     Call& call) override;
  Result<std::size_t> control_in(const spi::UsbSetup& setup, std::span<std::byte> into,
                                 Call& call) override;

  template <class Operation>
  auto inside(Call& call, Operation&& operation);

  Value vendor(Call& call);
  Value product(Call& call);
  Value manufacturer(Call& call);
  Value model(Call& call);
  Value serial(Call& call);
  Value interface_number(Call& call);
  Value protocol(Call& call);
  Value compliant(Call& call);
  Value interrupt_size(Call& call);
  Status set_interrupt_size(const model::AttributeValue& value, Call& call);

  TmcDevices::Lease device_;
  std::atomic<std::uint16_t> interrupt_size_;
  std::vector<std::pair<ViEventType, spi::EventSink*>> enabled_;
};

}  // namespace visa::drivers::usb
