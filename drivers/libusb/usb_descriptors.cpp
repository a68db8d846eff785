// SPDX-License-Identifier: MIT
// Every descriptor begins with its length and its type. A length below 2 or beyond the end ends the
// reading: what follows has no known place.
#include "drivers/libusb/usb_descriptors.h"

#include <algorithm>

namespace visa::drivers::usb {
namespace {

enum Type : std::uint8_t { kConfiguration = 2, kInterface = 4, kEndpoint = 5 };

constexpr std::size_t kConfigurationSize = 9;
constexpr std::size_t kInterfaceSize = 9;
constexpr std::size_t kEndpointSize = 7;
/// More than 16 endpoints in each direction cannot be addressed.
constexpr std::size_t kMostEndpoints = 32;

using Bytes = std::span<const std::byte>;

std::uint8_t at(Bytes bytes, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(bytes[index]);
}

void add_endpoint(InterfaceInfo& interface, Bytes bytes) {
  constexpr unsigned kTypeBits = 3;
  constexpr unsigned kPacketBits = 0x7FF;  // those above are for isochronous and high bandwidth
  EndpointInfo endpoint;
  endpoint.address = at(bytes, 2);
  endpoint.type = static_cast<EndpointType>(at(bytes, 3) & kTypeBits);
  endpoint.packet =
      static_cast<std::uint16_t>((at(bytes, 4) | (unsigned{at(bytes, 5)} << 8U)) & kPacketBits);
  if (endpoint.packet == 0 || interface.endpoints.size() >= kMostEndpoints) return;
  interface.endpoints.push_back(endpoint);
}

InterfaceInfo interface_of(Bytes bytes) {
  return {.number = at(bytes, 2),
          .alternate = at(bytes, 3),
          .interface_class = at(bytes, 5),
          .subclass = at(bytes, 6),
          .protocol = at(bytes, 7),
          .endpoints = {}};
}

/// `wanted`: the number of the configuration; negative for the first one.
std::vector<InterfaceInfo> interfaces_of(Bytes rest, int wanted) {
  std::vector<InterfaceInfo> result;
  bool inside = false;
  bool in_interface = false;
  while (rest.size() >= 2) {
    const std::size_t length = at(rest, 0);
    if (length < 2 || length > rest.size()) break;
    const Bytes one = rest.first(length);
    rest = rest.subspan(length);
    switch (at(one, 1)) {
      case kConfiguration:
        if (inside) return result;
        inside = length >= kConfigurationSize && (wanted < 0 || at(one, 5) == wanted);
        break;
      case kInterface:
        in_interface = inside && length >= kInterfaceSize;
        if (in_interface) result.push_back(interface_of(one));
        break;
      case kEndpoint:
        if (in_interface && length >= kEndpointSize) add_endpoint(result.back(), one);
        break;
      default:
        break;
    }
  }
  return result;
}

}  // namespace

bool InterfaceInfo::is_usbtmc() const noexcept {
  return interface_class == 0xFE && subclass == 0x03;
}

bool InterfaceInfo::is_vendor_specific() const noexcept {
  return interface_class == 0xFF;
}

const EndpointInfo* InterfaceInfo::first(EndpointType type, bool in) const noexcept {
  const auto found = std::find_if(endpoints.begin(), endpoints.end(), [&](const auto& endpoint) {
    return endpoint.type == type && endpoint.in() == in;
  });
  return found == endpoints.end() ? nullptr : &*found;
}

std::vector<InterfaceInfo> read_interfaces(Bytes descriptors, std::uint8_t configuration) {
  auto result = interfaces_of(descriptors, configuration);
  if (result.empty()) result = interfaces_of(descriptors, -1);
  return result;
}

}  // namespace visa::drivers::usb
