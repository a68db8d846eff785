// SPDX-License-Identifier: MIT
// A USB adapter with a GPIB bus on which all instruments of a bench are: plugged into the machine
// of USB devices for programs under umockdev, or handed out for another host (furnish_dongle).
//
// Owned by the Bench; on the bench's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tools/sim/dongle/dongle_model.h"
#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/usb/usb_machine.h"

namespace visa::sim {

/// Gives a device what an adapter has, as Dongle::identity() said it.
void furnish_dongle(UsbDevice& device, Dongle& dongle);

/// Firmware for the adapters of the bench, as an Intel HEX file has it. It is nobody's: a real
/// adapter would not run it.
std::string dongle_firmware();

class DongleServer final : public WireServer {
 public:
  static constexpr std::uint32_t kSerial = 0x0BE7C401;

  /// `board`: the number that programs see. `kernel_driver`: the kernel has its driver on it.
  /// Throws std::system_error.
  DongleServer(EventLoop& loop, const DongleModel& model, unsigned board, bool kernel_driver);
  ~DongleServer() override;
  DongleServer(const DongleServer&) = delete;
  DongleServer& operator=(const DongleServer&) = delete;

  std::unique_ptr<Wire> serve(Instrument& instrument, const WireSection* section,
                              std::uint16_t port) override;
  std::vector<std::string> environment() const override { return machine_->environment(); }
  std::string configuration() const override;
  std::vector<std::string> remarks() const override;

  Dongle& dongle() noexcept { return dongle_; }
  UsbMachine& machine() noexcept { return *machine_; }

 private:
  class PlaceWire;

  Dongle dongle_;
  const unsigned board_;
  std::shared_ptr<UsbMachine> machine_;
  std::size_t number_ = 0;  ///< at the machine
};

}  // namespace visa::sim
