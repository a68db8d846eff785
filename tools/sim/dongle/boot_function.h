// SPDX-License-Identifier: MIT
// An adapter that has no firmware yet: an interface without endpoints, and the requests by which a
// host writes into the memory of its processor. And an interface that does nothing.
//
// Owned by a UsbDevice; on the bench's thread only.
#pragma once

#include <string>
#include <string_view>

#include "tools/sim/dongle/dongle_faults.h"
#include "tools/sim/dongle/dongle_model.h"
#include "tools/sim/usb/usb_function.h"

namespace visa::sim {

/// What is written while the processor is held counts as firmware, whatever it says. When the
/// processor runs again the adapter leaves the bus for kAway.
class BootFunction final : public UsbFunction {
 public:
  static constexpr std::chrono::milliseconds kAway{30};

  BootFunction(UsbPort& port, Dongle& dongle);

  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t, std::string_view bytes, bool) override { return bytes.size(); }
  UsbGiven give(std::uint8_t, std::size_t) override { return {}; }
  void reset() override {}

 private:
  bool silent();
  void hold(bool held);

  UsbPort& port_;
  Dongle& dongle_;
  UsbLayout layout_;
  bool held_ = false;
  std::size_t written_ = 0;
};

/// The second interface of a GPIB-USB-HS+, which analyses a bus and is not used.
class SilentFunction final : public UsbFunction {
 public:
  const UsbLayout& layout() const noexcept override { return layout_; }
  UsbAnswer control(const UsbSetup& setup, std::string_view data, bool waited) override;
  std::size_t take(std::uint8_t, std::string_view bytes, bool) override { return bytes.size(); }
  UsbGiven give(std::uint8_t, std::size_t) override { return {}; }
  void reset() override {}

 private:
  UsbLayout layout_{
      .number = 1,
      .device_class = 0xFF,
      .endpoints = {{0x86, UsbPipeType::bulk, 512, 0}, {0x87, UsbPipeType::interrupt, 32, 4}}};
};

}  // namespace visa::sim
