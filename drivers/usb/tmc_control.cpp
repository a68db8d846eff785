// SPDX-License-Identifier: MIT
// All class requests are of direction IN, even those that send no more than their setup packet.
#include "drivers/usb/tmc_control.h"

namespace visa::drivers::usb {
namespace {

constexpr std::uint8_t kToInterface = 0xA1;  // IN, class, interface
constexpr std::uint8_t kToEndpoint = 0xA2;   // IN, class, endpoint

bool bit(std::span<const std::byte> reply, std::size_t at, std::uint8_t mask) noexcept {
  return at < reply.size() && (static_cast<std::uint8_t>(reply[at]) & mask) != 0;
}

}  // namespace

spi::UsbSetup interface_request(TmcRequest request, std::uint8_t interface,
                                std::uint16_t value) noexcept {
  return {kToInterface, static_cast<std::uint8_t>(request), value, interface};
}

spi::UsbSetup endpoint_request(TmcRequest request, std::uint8_t endpoint,
                               std::uint16_t tag) noexcept {
  return {kToEndpoint, static_cast<std::uint8_t>(request), tag, endpoint};
}

// USBTMC 1.0 table 37, USB488 1.0 table 8. A well-known client reads the bits of USB488 from byte
// 4; they are in byte 14.
Capabilities read_capabilities(std::span<const std::byte> reply, std::uint8_t protocol) noexcept {
  Capabilities result;
  result.termchar = bit(reply, 5, 0x01);
  if (protocol == kProtocol488) {
    result.compliant_4882 = bit(reply, 14, 0x04);
    result.remote_local = bit(reply, 14, 0x02);
    result.trigger = bit(reply, 14, 0x01);
  }
  return result;
}

}  // namespace visa::drivers::usb
