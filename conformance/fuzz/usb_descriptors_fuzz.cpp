// SPDX-License-Identifier: MIT
// Whatever a device has for descriptors and for a serial number: reading ends, memory is bounded by
// the input, and every name that is listed is a good name of that device. Input: one byte for the
// configuration, one for the length of the serial number, the serial number, the descriptors.
#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>

#include "drivers/usb/usb_names.h"

namespace {

using namespace visa;
using namespace visa::drivers::usb;

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  std::span input(reinterpret_cast<const std::byte*>(data), size);
  UsbDeviceInfo device;
  device.port = "1-1.4";
  device.configuration = data[0];
  const std::size_t length = std::min<std::size_t>(data[1] % 127, size - 2);
  device.serial.assign(reinterpret_cast<const char*>(data) + 2, length);
  const auto descriptors = input.subspan(2 + length);
  device.interfaces = read_interfaces(descriptors, device.configuration);
  demand(device.interfaces.size() <= descriptors.size() / 9);
  for (const auto& interface : device.interfaces) {
    demand(interface.endpoints.size() <= 32);
    for (const auto& endpoint : interface.endpoints) demand(endpoint.packet > 0);
  }
  const auto devices = std::span(&device, 1);
  for (const auto& resource : resources_of(devices)) {
    const std::string text = resource.name.canonical();
    demand(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    const auto parsed = model::parse_resource_name(text);
    demand(parsed.has_value());
    demand(parsed->canonical() == text);
    Call call(Deadline::infinite());
    const auto found = find_resource(devices, *parsed, call);
    demand(found.has_value());
    // A name without a number means the lowest interface of its class, usually number 0.
    if (parsed->usb_interface) demand(found->interface->number == resource.interface->number);
  }
  return 0;
}
