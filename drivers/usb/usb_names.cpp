// SPDX-License-Identifier: MIT
// Invariant: each name of resources_of is found again by find_resource, as the same device and
// interface, while the same devices are there.
#include "drivers/usb/usb_names.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "lib/model/ascii.h"

namespace visa::drivers::usb {
namespace {

using model::Kind;

constexpr char kSubstitute = '_';
constexpr char kPortMark = '@';

bool continues_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

std::string with_port(const UsbDeviceInfo& device) {
  return serial_field(device.serial) + kPortMark + device.port;
}

bool same_product(const UsbDeviceInfo& a, const UsbDeviceInfo& b) {
  return a.vendor == b.vendor && a.product == b.product;
}

/// Whether no other device has the same vendor, product and serial number.
bool is_unique(const UsbDeviceInfo& device, std::span<const UsbDeviceInfo> devices) {
  const std::string serial = serial_field(device.serial);
  return !serial.empty() &&
         std::none_of(devices.begin(), devices.end(), [&](const UsbDeviceInfo& other) {
           return &other != &device && same_product(other, device) &&
                  model::equal_without_case(serial_field(other.serial), serial);
         });
}

model::ResourceName name_of(const UsbDeviceInfo& device, std::string serial,
                            const InterfaceInfo& interface, Kind kind) {
  model::ResourceName name;
  name.interface = model::Interface::usb;
  name.resource_class =
      kind == Kind::usb_raw ? model::ResourceClass::raw : model::ResourceClass::instr;
  name.kind = kind;
  name.usb_vendor = device.vendor;
  name.usb_product = device.product;
  name.usb_serial = std::move(serial);
  if (interface.number != 0) name.usb_interface = interface.number;
  return name;
}

/// The interface that a name with that number, or with none, means.
const InterfaceInfo* interface_of(const UsbDeviceInfo& device, const model::ResourceName& name) {
  if (name.usb_interface) {
    return device.interface(static_cast<std::uint8_t>(*name.usb_interface));
  }
  const bool raw = name.kind == Kind::usb_raw;
  const InterfaceInfo* lowest = nullptr;
  for (const InterfaceInfo& one : device.interfaces) {
    const bool suits = raw ? one.is_vendor_specific() : one.is_usbtmc();
    if (suits && (lowest == nullptr || one.number < lowest->number)) lowest = &one;
  }
  return lowest != nullptr || !raw ? lowest : device.interface(0);
}

/// "0x1AB1 0x04CE SN1, 0x0957 0x1796 SN2": the first few devices.
std::string listing(std::span<const UsbDeviceInfo* const> devices) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (const UsbDeviceInfo* const device : devices.first(std::min(devices.size(), kMost))) {
    char id[16];
    std::snprintf(id, sizeof id, "%04X:%04X ", unsigned{device->vendor}, unsigned{device->product});
    text += (text.empty() ? "" : ", ") + std::string(id) + with_port(*device);
  }
  if (devices.size() > kMost) text += " and others";
  return text;
}

Status not_there(std::span<const UsbDeviceInfo> devices, const model::ResourceName& name,
                 Call& call) {
  std::vector<const UsbDeviceInfo*> near;
  for (const UsbDeviceInfo& device : devices) {
    if (device.vendor == name.usb_vendor && device.product == name.usb_product) {
      near.push_back(&device);
    }
  }
  std::string text = "no such USB device is plugged in";
  if (!near.empty()) {
    text = "this serial number is not plugged in; the same model is: " + listing(near);
  } else if (devices.empty()) {
    text += "; the system lists no USB device at all (container? mount /sys and /dev/bus/usb)";
  }
  return call.fail(Status::error_rsrc_nfound, text);
}

}  // namespace

std::string ascii_text(std::string_view text) {
  std::string result;
  for (const char byte : text) {
    if (continues_character(byte)) continue;
    result += byte >= ' ' && byte <= '~' ? byte : kSubstitute;
  }
  return result;
}

std::string serial_field(std::string_view serial) {
  std::string result = ascii_text(serial);
  for (char& one : result) {
    if (one == ':' || one == kPortMark) one = kSubstitute;
  }
  while (result.ends_with(' ')) result.pop_back();
  result.erase(0, std::min(result.find_first_not_of(' '), result.size()));
  return result;
}

std::vector<UsbResource> resources_of(std::span<const UsbDeviceInfo> devices) {
  std::vector<UsbResource> result;
  for (const UsbDeviceInfo& device : devices) {
    const std::string serial =
        is_unique(device, devices) ? serial_field(device.serial) : with_port(device);
    std::set<std::uint8_t> seen;  // alternate settings are one resource
    for (const InterfaceInfo& interface : device.interfaces) {
      if (!interface.is_usbtmc() && !interface.is_vendor_specific()) continue;
      if (interface.number > 254 || !seen.insert(interface.number).second) continue;
      const Kind kind = interface.is_usbtmc() ? Kind::usb_instr : Kind::usb_raw;
      result.push_back({&device, &interface, name_of(device, serial, interface, kind)});
    }
  }
  return result;
}

Result<UsbResource> find_resource(std::span<const UsbDeviceInfo> devices,
                                  const model::ResourceName& name, Call& call) {
  std::vector<const UsbDeviceInfo*> found;
  for (const UsbDeviceInfo& device : devices) {
    if (device.vendor != name.usb_vendor || device.product != name.usb_product) continue;
    const std::string serial = serial_field(device.serial);
    if (model::equal_without_case(name.usb_serial, with_port(device)) ||
        (!serial.empty() && (model::equal_without_case(name.usb_serial, serial) ||
                             model::equal_without_case(name.usb_serial, device.serial)))) {
      found.push_back(&device);
    }
  }
  if (found.empty()) return not_there(devices, name, call);
  if (found.size() > 1) {
    return call.fail(Status::error_rsrc_nfound,
                     "several devices have this serial number; add the "
                     "port to it: " +
                         listing(found));
  }
  const UsbDeviceInfo& device = *found.front();
  const InterfaceInfo* const interface = interface_of(device, name);
  if (interface == nullptr) {
    return call.fail(Status::error_rsrc_nfound,
                     name.usb_interface ? "the device has no interface of this number"
                                        : "the device has no USBTMC interface; try the class RAW");
  }
  const std::string serial =
      is_unique(device, devices) ? serial_field(device.serial) : with_port(device);
  return UsbResource{&device, interface, name_of(device, serial, *interface, name.kind)};
}

}  // namespace visa::drivers::usb
