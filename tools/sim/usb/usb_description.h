// SPDX-License-Identifier: MIT
// What [usb] of an instrument file says. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/usb/usb_device.h"

namespace visa::sim {

/// The answer to GET_CAPABILITIES (USBTMC 1.0 table 37, USB488 table 8).
struct UsbtmcCapabilities {
  bool indicator_pulse = true;
  bool talk_only = false;
  bool listen_only = false;
  bool termchar = true;
  bool ieee488 = true;  ///< a 488.2 interface
  bool remote = true;   ///< REN_CONTROL, GO_TO_LOCAL, LOCAL_LOCKOUT
  bool trigger = true;
  bool scpi = true;
  bool sr1 = true;
  bool rl1 = true;
  bool dt1 = true;
};

struct UsbDescription : WireSection {
  static constexpr std::uint16_t kVendor = 0x1209;   ///< pid.codes, whose
  static constexpr std::uint16_t kProduct = 0x0001;  ///< first products are for tests

  std::uint16_t vendor = kVendor;
  std::uint16_t product = kProduct;
  std::uint16_t version = 0x0100;
  std::optional<std::string> serial = {};  ///< without: one that no other device of the bench has
  std::optional<std::string> manufacturer = {};  ///< without: as in the identity
  std::optional<std::string> model = {};
  bool serial_unreadable = false;
  UsbSpeed speed = UsbSpeed::high;

  std::uint8_t interface = 0;  ///< number of the USBTMC interface
  bool usbtmc = true;          ///< there is one
  bool usb488 = true;          ///< of the subclass
  bool interrupt = true;       ///< with an endpoint for status bytes and requests for service
  UsbtmcCapabilities capabilities = {};
  bool vendor_messages = false;    ///< VENDOR_SPECIFIC_OUT is understood, and sent back
  std::size_t largest_answer = 0;  ///< bytes of one DEV_DEP_MSG_IN; 0: as many as asked for
  std::uint32_t clear_ms = 0;      ///< INITIATE_CLEAR takes that long
  bool clear_drains = false;       ///< after it a short packet has to be read
  bool needs_remote = false;       ///< messages are ignored while REN is not asserted

  bool raw = false;                ///< there is an interface of a vendor's class
  std::uint8_t raw_interface = 1;  ///< its number
  bool raw_interrupt = true;       ///< with an interrupt endpoint
  bool kernel_driver = false;      ///< the host's kernel has its driver on the USBTMC interface
};

class TableReader;

/// Reads [usb] of an instrument file; what is wrong with it is noted in `table`.
std::unique_ptr<const UsbDescription> read_usb_description(TableReader& table);

}  // namespace visa::sim
