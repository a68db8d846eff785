// SPDX-License-Identifier: MIT
// What a host and a device exchange, whatever carries it: transfers on endpoints, and how they end.
// Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace visa::sim {

inline constexpr std::uint8_t kUsbIn = 0x80;  ///< of an endpoint's address: towards the host

/// The eight bytes that begin a transfer on the control endpoint (USB 2.0, 9.3).
struct UsbSetup {
  std::uint8_t type = 0;  ///< bmRequestType
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;

  bool to_host() const noexcept { return (type & kUsbIn) != 0; }
  /// 0 standard, 1 class, 2 vendor.
  unsigned kind() const noexcept { return type >> 5U & 3U; }
  /// 0 device, 1 interface, 2 endpoint.
  unsigned recipient() const noexcept { return type & 0x1FU; }
};

/// How a transfer ended.
enum class UsbStatus : std::uint8_t {
  success,
  stall,      ///< the endpoint is halted, or the request is not understood
  babble,     ///< the device sent more than there was room for
  bus_error,  ///< a packet was damaged again and again
  cancelled,  ///< by the host
  gone,       ///< the device was unplugged
};

struct UsbTransfer {
  std::uint64_t id = 0;       ///< the host's
  std::uint8_t endpoint = 0;  ///< with its direction; 0: the control endpoint, either way
  UsbSetup setup = {};        ///< of the control endpoint
  std::size_t room = 0;       ///< towards the host: how much it takes
  std::string data = {};      ///< what goes to the device, or what has come from it
  bool zero_packet = false;   ///< to the device: an empty packet follows where the last is full
  std::size_t taken = 0;      ///< so much of `data` the device has taken
  UsbStatus status = UsbStatus::success;
};

}  // namespace visa::sim
