// SPDX-License-Identifier: MIT
// One USBTMC interface that the sessions of this process share (drivers/common/shared_device.h).
// What the bulk pipes carry is used inside the gate of the device; the status byte and control
// transfers go beside it.
#pragma once

#include <memory>
#include <string>

#include "drivers/common/shared_device.h"
#include "drivers/usb/bulk_in.h"
#include "drivers/usb/bulk_out.h"
#include "drivers/usb/device_facts.h"
#include "drivers/usb/status_reader.h"
#include "drivers/usb/tmc_recovery.h"
#include "drivers/usb/tmc_wire.h"
#include "drivers/usb/usb_names.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/spi/facets.h"

namespace visa::drivers::usb {

class TmcDevice {
 public:
  /// Takes over the claimed interface, asks for the capabilities and asserts REN, as far as the
  /// instrument can and `quirks` allow. error_rsrc_nfound: the interface lacks a bulk pipe.
  static Result<std::unique_ptr<TmcDevice>> open(std::unique_ptr<UsbInterface> usb,
                                                 const UsbResource& resource, const Quirks& quirks,
                                                 Call& call);

  void close(Call& call) noexcept;

  const DeviceFacts& facts() const noexcept { return facts_; }
  const TmcWire& wire() const noexcept { return wire_; }
  bool is_488() const noexcept { return facts_.protocol == kProtocol488; }
  StatusReader& status() noexcept { return status_; }

  // Inside the gate.
  spi::ReadResult read(std::span<std::byte> into, const spi::EndRule& rule, Call& call);
  spi::WriteResult write(std::span<const std::byte> data, const spi::WriteRule& rule, Call& call);
  Status clear(Call& call);
  Status trigger(Call& call);
  Status control_ren(spi::RenMode mode, Call& call);

  /// A transfer on the default pipe; any thread. Returns the count.
  Result<std::size_t> control(const spi::UsbSetup& setup, std::span<std::byte> data, Call& call);

  void wake() noexcept;
  bool gone() const noexcept { return usb_->gone(); }

 private:
  /// What has transfers, and is given up before the interface is.
  struct Pipes {
    explicit Pipes(TmcWire& wire) : recovery(wire), in(wire, recovery), out(wire, recovery) {}
    Recovery recovery;
    BulkIn in;
    BulkOut out;
  };

  TmcDevice(std::unique_ptr<UsbInterface> usb, const UsbResource& resource, const Quirks& quirks);
  Status begin(Call& call);
  Status ask(TmcRequest request, std::uint16_t value, Call& call);

  const std::unique_ptr<UsbInterface> usb_;
  const DeviceFacts facts_;
  TmcWire wire_;
  StatusReader status_;
  std::unique_ptr<Pipes> pipes_;
};

using TmcDevices = SharedDevices<TmcDevice>;

}  // namespace visa::drivers::usb
