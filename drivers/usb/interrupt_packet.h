// SPDX-License-Identifier: MIT
// What a packet on the interrupt-IN pipe means (USB488 1.0, 3.4). Pure: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace visa::drivers::usb {

struct InterruptPacket {
  enum class Kind : std::uint8_t {
    nothing,          // an empty packet
    service_request,  // `status` is the status byte at that moment
    status_byte,      // the answer to READ_STATUS_BYTE with `tag`
    notification,     // anything else: USBTMC's own, or the maker's
  };
  Kind kind = Kind::nothing;
  std::uint8_t tag = 0;
  std::uint8_t status = 0;
};

InterruptPacket read_interrupt_packet(std::span<const std::byte> packet) noexcept;

}  // namespace visa::drivers::usb
