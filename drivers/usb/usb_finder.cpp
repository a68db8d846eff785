// SPDX-License-Identifier: MIT
// The answers to attribute expressions that are known without opening; the names are those that
// viOpen takes.
#include "drivers/usb/usb_finder.h"

#include "drivers/libusb/usb_devices.h"
#include "drivers/usb/usb_driver.h"
#include "drivers/usb/usb_names.h"

namespace visa::drivers::usb {
namespace {

using model::AttributeValue;

spi::Descriptor describe(const UsbResource& resource) {
  const UsbDeviceInfo& device = *resource.device;
  const InterfaceInfo& interface = *resource.interface;
  spi::Descriptor descriptor{resource.name, {}};
  const auto add_number = [&](ViAttr id, std::uint64_t value) {
    descriptor.known.emplace(id, AttributeValue(value));
  };
  const auto add_text = [&](ViAttr id, const std::string& value) {
    descriptor.known.emplace(id, AttributeValue(ascii_text(value)));
  };
  add_number(VI_ATTR_MANF_ID, device.vendor);
  add_number(VI_ATTR_MODEL_CODE, device.product);
  add_text(VI_ATTR_MANF_NAME, device.manufacturer);
  add_text(VI_ATTR_MODEL_NAME, device.model);
  add_text(VI_ATTR_USB_SERIAL_NUM, device.serial);
  add_number(VI_ATTR_USB_INTFC_NUM, interface.number);
  add_number(VI_ATTR_USB_PROTOCOL, interface.protocol);
  if (resource.name.kind == model::Kind::usb_raw) {
    add_number(VI_ATTR_USB_CLASS, interface.interface_class);
    add_number(VI_ATTR_USB_SUBCLASS, interface.subclass);
  }
  return descriptor;
}

/// A vendor specific interface with a driver of the kernel is no instrument but a serial adapter, a
/// network card and so on. Its name opens all the same.
bool is_in_use(const UsbResource& resource) {
  if (resource.name.kind != model::Kind::usb_raw) return false;
  const std::string driver = resource.device->kernel_driver(resource.interface->number);
  return !driver.empty() && driver != "usbfs";
}

}  // namespace

void UsbFinder::find(const spi::FindScope& scope, Call& call, spi::DescriptorSink& sink) {
  const auto devices = folder_.empty() ? usb_devices() : usb_devices(folder_);
  for (const UsbResource& resource : resources_of(devices)) {
    if (call.cancelled()) return;
    if (!scope.openable.contains(resource.name.kind) || is_in_use(resource)) continue;
    sink.found(describe(resource));
  }
}

}  // namespace visa::drivers::usb

namespace visa::drivers {

std::unique_ptr<spi::Finder> make_usb_finder() {
  return std::make_unique<usb::UsbFinder>();
}

}  // namespace visa::drivers
