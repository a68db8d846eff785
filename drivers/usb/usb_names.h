// SPDX-License-Identifier: MIT
// Resource names of USB devices: which names a device has, and which device a name means
// (VPP-4.3 4.3.9). Pure: any thread.
//
// The serial number in a name is that of the device, with an underscore for each character that a
// name cannot hold. A device without a serial number, or one of several with the same, is named by
// its port as well: "SN@1-1.4", "@1-1.4". Such a name always means the device at that port.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/libusb/usb_device_info.h"
#include "lib/base/call.h"
#include "lib/base/result.h"
#include "lib/model/resource_name.h"

namespace visa::drivers::usb {

/// `text` in printable ASCII, each other character as one underscore.
std::string ascii_text(std::string_view text);

/// The serial number as it stands in names, without the port.
std::string serial_field(std::string_view serial);

/// One interface of one device, with its name.
struct UsbResource {
  const UsbDeviceInfo* device;
  const InterfaceInfo* interface;
  model::ResourceName name;
};

/// INSTR for each USBTMC interface, RAW for each vendor specific one.
std::vector<UsbResource> resources_of(std::span<const UsbDeviceInfo> devices);

/// The device and interface that `name` means. error_rsrc_nfound, with what is there instead, when
/// no device or more than one matches.
Result<UsbResource> find_resource(std::span<const UsbDeviceInfo> devices,
                                  const model::ResourceName& name, Call& call);

}  // namespace visa::drivers::usb
