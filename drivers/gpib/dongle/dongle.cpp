// SPDX-License-Identifier: MIT
// A device is a dongle by its USB id, and by the class of its interface where the id has other
// uses.
#include "drivers/gpib/dongle/dongle.h"

#include "drivers/libusb/usb_devices.h"

namespace visa::drivers::gpib::dongle {
namespace {

constexpr std::string_view kUsbfs = "usbfs";  // a program holds the interface

bool fits(const Model& model, const usb::UsbDeviceInfo& device) {
  if (model.vendor != device.vendor || model.product != device.product) return false;
  if (!model.interface_class) return true;
  const auto* const interface = device.interface(model.interface);
  return interface != nullptr && interface->interface_class == *model.interface_class;
}

}  // namespace

std::string Dongle::name() const {
  std::string text(model->name);
  if (!device.serial.empty()) text += " " + device.serial;
  return text + " at USB port " + device.port;
}

std::string Dongle::kernel_driver() const {
  std::string driver = device.kernel_driver(model->interface);
  if (driver == kUsbfs) driver.clear();
  return driver;
}

std::optional<Dongle> dongle_of(const Family& family, const usb::UsbDeviceInfo& device) {
  for (const Model& model : family.models) {
    if (fits(model, device)) return Dongle{device, &family, &model};
  }
  return std::nullopt;
}

std::optional<Dongle> dongle_at(const Family& family, const std::string& port) {
  for (const auto& device : usb::usb_devices()) {
    if (device.port == port) return dongle_of(family, device);
  }
  return std::nullopt;
}

}  // namespace visa::drivers::gpib::dongle
