// SPDX-License-Identifier: MIT
// bNotify1: bit 7 set means USB488; then its other bits are 1 for a service request and the tag of
// the request, 2 to 127, otherwise. Bytes after the second are not looked at.
#include "drivers/usb/interrupt_packet.h"

namespace visa::drivers::usb {

InterruptPacket read_interrupt_packet(std::span<const std::byte> packet) noexcept {
  constexpr std::uint8_t kUsb488 = 0x80;
  constexpr std::uint8_t kServiceRequest = 1;
  if (packet.empty()) return {};
  const auto first = static_cast<std::uint8_t>(packet[0]);
  const auto tag = static_cast<std::uint8_t>(first & ~kUsb488);
  if ((first & kUsb488) == 0 || tag == 0 || packet.size() < 2) {
    return {.kind = InterruptPacket::Kind::notification};
  }
  return {.kind = tag == kServiceRequest ? InterruptPacket::Kind::service_request
                                         : InterruptPacket::Kind::status_byte,
          .tag = tag,
          .status = static_cast<std::uint8_t>(packet[1])};
}

}  // namespace visa::drivers::usb
