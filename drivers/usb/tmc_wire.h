// SPDX-License-Identifier: MIT
// What the parts of the USBTMC protocol share for one device: its interface, what is known of it,
// and the counter of its messages. Used inside the gate of the device, so by one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "drivers/libusb/usb_interface.h"
#include "drivers/usb/tmc_control.h"
#include "drivers/usb/tmc_header.h"
#include "drivers/usb/usb_quirks.h"
#include "lib/base/deadline.h"

namespace visa::drivers::usb {

/// One endpoint: its address with the direction bit, and its packet size.
struct Endpoint {
  std::uint8_t address = 0;
  std::uint16_t packet = 0;  // bytes; 0: there is no such endpoint

  explicit operator bool() const noexcept { return packet != 0; }
};

struct TmcWire {
  UsbInterface& usb;
  std::string label;  // for messages: the name of the resource
  std::uint8_t interface = 0;
  Endpoint out;
  Endpoint in;
  Capabilities capabilities;
  Quirks quirks;
  BulkTag tag = {};
};

/// This instrument sends no short packet after an answer that fills its packets: said in the trace,
/// and kept until the device is closed.
void learn_missing_packet(TmcWire& wire);

/// A USB transfer needs some time even where the program wants to wait for nothing
/// (VI_TMO_IMMEDIATE): `least` then.
inline Deadline with_least(Deadline deadline, std::chrono::milliseconds least) noexcept {
  return deadline.is_immediate() ? Deadline::after(least) : deadline;
}

}  // namespace visa::drivers::usb
