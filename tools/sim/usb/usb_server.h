// SPDX-License-Identifier: MIT
// The instruments of a bench as USB devices: on a UsbMachine for programs under umockdev, or handed
// out one by one for another host (make_device).
//
// Owned by the Bench; on the bench's thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sim/engine/instrument.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/usb/usb_description.h"
#include "tools/sim/usb/usb_machine.h"
#include "tools/sim/usb/usbtmc_function.h"

namespace visa::sim {

class UsbRawFunction;

/// One instrument: what its device is, and what is known of it while it comes and goes.
struct UsbInstrument {
  UsbInstrument(Instrument& served, UsbDescription what)
      : instrument(served), description(std::move(what)) {}

  Instrument& instrument;
  const UsbDescription description;
  UsbIdentity identity;
  UsbState state;
  UsbtmcFunction* usbtmc = nullptr;  ///< of the device that is plugged in
  UsbRawFunction* raw = nullptr;
  std::size_t number = 0;  ///< at the machine
};

/// Gives a device what `one` has.
void furnish_usb_device(UsbDevice& device, UsbInstrument& one, const UsbMachine::Holder& holder);
/// The strings of a device: what the description does not say is that of the identity, "maker,
/// model, serial, version"; the serial number of the `count`th device is made up.
UsbIdentity usb_identity(const UsbDescription& description, std::size_t count);

class UsbServer : public WireServer {
 public:
  /// Throws std::system_error.
  UsbServer(EventLoop& loop, UsbfsOptions options);
  ~UsbServer() override;
  UsbServer(const UsbServer&) = delete;
  UsbServer& operator=(const UsbServer&) = delete;

  /// `section`, if any, is a UsbDescription. Throws std::system_error.
  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t port) override;
  std::vector<std::string> environment() const override { return machine_->environment(); }
  std::vector<std::string> remarks() const override;

  UsbMachine& machine() noexcept { return *machine_; }
  const std::deque<UsbInstrument>& instruments() const noexcept { return instruments_; }

 private:
  class DeviceWire;

  std::deque<UsbInstrument> instruments_;
  std::shared_ptr<UsbMachine> machine_;
};

}  // namespace visa::sim
