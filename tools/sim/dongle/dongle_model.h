// SPDX-License-Identifier: MIT
// The USB adapters of a GPIB bus that the bench can be: their USB ids, endpoints and what sets one
// product of a family apart. And what is known of one adapter while it comes and goes. Plain data.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tools/sim/gpib/gpib_bus.h"
#include "tools/sim/usb/usb_device.h"

namespace visa::sim {

enum class DongleFamily : std::uint8_t { ni, agilent, xyphro };

/// One product. Constants.
struct DongleModel {
  std::string_view name;  ///< as --dongle has it
  DongleFamily family = DongleFamily::ni;
  std::string_view maker;
  std::string_view product_name;
  std::string_view driver;  ///< the module of the kernel that takes it
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;  ///< when it is ready
  std::uint16_t boot = 0;     ///< before it has its firmware; 0: it needs none
  unsigned uploads = 0;       ///< how often it wants that
  std::uint8_t out = 0;       ///< endpoints
  std::uint8_t in = 0;
  std::uint8_t interrupt = 0;
  std::uint8_t other_out = 0;  ///< there, and not used; 0: not there
  std::uint8_t other_in = 0;
  std::uint16_t cpu = 0;      ///< the register that holds its processor, of the firmware upload
  bool short_blocks = false;  ///< data comes in blocks of 15 bytes, not of 30
  bool second_interface = false;
  UsbSpeed speed = UsbSpeed::high;
  std::uint8_t subclass = 0;  ///< of the interface, whose class is the vendor's
  std::uint8_t protocol = 0;
};

std::span<const DongleModel> dongle_models() noexcept;
const DongleModel* find_dongle_model(std::string_view name) noexcept;

/// What tests and the control socket ask about an adapter. Survives unplugging.
struct DongleState {
  std::uint64_t bulk_out_transfers = 0;  ///< messages
  std::uint64_t bulk_in_transfers = 0;   ///< replies that were fetched
  std::uint64_t control_requests = 0;
  std::uint64_t reports = 0;     ///< packets on the interrupt endpoint
  std::uint64_t stops = 0;       ///< requests that ended something under way
  std::uint64_t uploads = 0;     ///< of firmware, since the bench began
  std::uint64_t violations = 0;  ///< what a host must not do; the log has each of them
};

/// One adapter. Owned by the DongleServer; the bus is its own.
struct Dongle {
  Dongle(EventLoop& loop, const DongleModel& what, std::uint32_t serial_number)
      : model(what), serial(serial_number), bus(loop) {}

  /// What it is plugged in as: asked once each time it is.
  UsbIdentity identity();

  const DongleModel& model;
  const std::uint32_t serial;
  GpibBus bus;
  DongleState state;
  unsigned loaded = 0;    ///< uploads since it has power
  bool restarts = false;  ///< it leaves the bus by itself, and keeps its power
};

}  // namespace visa::sim
