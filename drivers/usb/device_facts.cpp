// SPDX-License-Identifier: MIT
// PyVISA decodes every text as ASCII.
#include "drivers/usb/device_facts.h"

namespace visa::drivers::usb {

DeviceFacts facts_of(const UsbResource& resource) {
  const UsbDeviceInfo& device = *resource.device;
  return {.name = resource.name.canonical(),
          .serial = ascii_text(device.serial),
          .manufacturer = ascii_text(device.manufacturer),
          .model = ascii_text(device.model),
          .vendor = device.vendor,
          .product = device.product,
          .interface = resource.interface->number,
          .protocol = resource.interface->protocol};
}

}  // namespace visa::drivers::usb
