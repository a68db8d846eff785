// SPDX-License-Identifier: MIT
// The class requests of USBTMC and USB488 on the default pipe, and the meaning of their replies
// (USBTMC 1.0, 4.2; USB488 1.0, 4.2 and 4.3). Pure: values and free functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/spi/bus_facets.h"

namespace visa::drivers::usb {

enum class TmcRequest : std::uint8_t {
  initiate_abort_bulk_out = 1,
  check_abort_bulk_out = 2,
  initiate_abort_bulk_in = 3,
  check_abort_bulk_in = 4,
  initiate_clear = 5,
  check_clear = 6,
  get_capabilities = 7,
  read_status_byte = 128,
  ren_control = 160,
  go_to_local = 161,
  local_lockout = 162,
};

/// The first byte of each reply.
enum class TmcStatus : std::uint8_t {
  success = 0x01,
  pending = 0x02,
  interrupt_busy = 0x20,
  failed = 0x80,
  not_in_progress = 0x81,
};

/// A request to the interface. `value`: bTag of read_status_byte, 0 or 1 of ren_control.
spi::UsbSetup interface_request(TmcRequest request, std::uint8_t interface,
                                std::uint16_t value = 0) noexcept;
/// A request to a bulk endpoint; `tag` is the bTag to abort.
spi::UsbSetup endpoint_request(TmcRequest request, std::uint8_t endpoint,
                               std::uint16_t tag = 0) noexcept;

inline constexpr std::size_t kCapabilitiesSize = 24;

struct Capabilities {
  bool termchar = false;        // ends an answer at the termination character
  bool compliant_4882 = false;  // understands the common commands of IEEE 488.2
  bool remote_local = false;    // REN_CONTROL, GO_TO_LOCAL, LOCAL_LOCKOUT
  bool trigger = false;         // the TRIGGER message
};

/// The reply to get_capabilities; what it is too short for counts as not there. The bits of USB488
/// count for an interface of that protocol only.
Capabilities read_capabilities(std::span<const std::byte> reply, std::uint8_t protocol) noexcept;

/// bInterfaceProtocol of USB488.
inline constexpr std::uint8_t kProtocol488 = 1;

}  // namespace visa::drivers::usb
