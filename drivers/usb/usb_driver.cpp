// SPDX-License-Identifier: MIT
// The shared devices belong to the process, not to the driver object, because all driver objects of
// a process use the same hardware. A device that was unplugged is not joined: its key holds how
// often that happened, so that the name opens again after the device is back.
#include "drivers/usb/usb_driver.h"

#include <string>
#include <utility>

#include "drivers/libusb/libusb_interface.h"
#include "drivers/libusb/usb_devices.h"
#include "drivers/usb/raw_channel.h"
#include "drivers/usb/tmc_channel.h"
#include "drivers/usb/usb_names.h"
#include "drivers/usb/usb_settings.h"

namespace visa::drivers::usb {
namespace {

constinit TmcDevices tmc_devices;
constinit RawDevices raw_devices;

/// So many dead devices of one address, all with open sessions, are passed over.
constexpr unsigned kMostPlugged = 64;

std::string identity_of(const UsbResource& resource) {
  return "usb " + resource.device->port + " interface " +
         std::to_string(resource.interface->number);
}

/// Joins the device that other sessions have open, or opens it. One that was unplugged under them
/// is not joined, even where its successor has the same address.
template <class Devices, class Open>
Result<typename Devices::Lease> share(Devices& devices, const UsbResource& resource, Call& call,
                                      Open&& open_device) {
  const std::string key =
      identity_of(resource) + " of device " + std::to_string(resource.device->address);
  for (unsigned plugged = 0;; ++plugged) {
    auto lease = devices.open(key + " (" + std::to_string(plugged) + ")", call, open_device);
    if (!lease || !(*lease)->gone() || plugged == kMostPlugged) return lease;
    lease->release(call);
  }
}

/// Claims the interface. A kernel driver of another class (a disk, a keyboard) is not detached.
Result<std::unique_ptr<UsbInterface>> claim(const UsbResource& resource, Call& call) {
  const InterfaceInfo& interface = *resource.interface;
  const bool detach = interface.is_usbtmc() || interface.is_vendor_specific();
  return LibusbInterface::open(*resource.device, interface.number, detach, call);
}

Result<std::unique_ptr<spi::Channel>> open_instr(const UsbResource& resource,
                                                 const spi::OpenRequest& request, Call& call) {
  const UsbDeviceInfo& device = *resource.device;
  const auto quirks = read_quirks(quirks_of(device.vendor, device.product), request.settings, call);
  if (!quirks) return quirks.status();
  auto lease =
      share(tmc_devices, resource, call, [&](Call& opening) -> Result<std::unique_ptr<TmcDevice>> {
        auto usb = claim(resource, opening);
        if (!usb) return usb.status();
        return TmcDevice::open(*std::move(usb), resource, *quirks, opening);
      });
  if (!lease) return lease.status();
  return std::unique_ptr<spi::Channel>(std::make_unique<TmcChannel>(*std::move(lease)));
}

Result<std::unique_ptr<spi::Channel>> open_raw(const UsbResource& resource, Call& call) {
  auto lease =
      share(raw_devices, resource, call, [&](Call& opening) -> Result<std::unique_ptr<RawDevice>> {
        auto usb = claim(resource, opening);
        if (!usb) return usb.status();
        return std::make_unique<RawDevice>(*std::move(usb), resource);
      });
  if (!lease) return lease.status();
  return std::unique_ptr<spi::Channel>(std::make_unique<RawChannel>(*std::move(lease)));
}

}  // namespace

std::vector<std::string_view> UsbDriver::setting_keys() const {
  return quirk_keys();
}

Result<spi::Identity> UsbDriver::identify(const spi::OpenRequest& request, Call& call) {
  const auto devices = usb_devices();
  const auto resource = find_resource(devices, request.name, call);
  if (!resource) return resource.status();
  return spi::Identity{identity_of(*resource)};
}

Result<std::unique_ptr<spi::Channel>> UsbDriver::open(const spi::OpenRequest& request, Call& call) {
  const auto devices = usb_devices();
  const auto resource = find_resource(devices, request.name, call);
  if (!resource) return resource.status();
  auto channel = request.name.kind == model::Kind::usb_raw ? open_raw(*resource, call)
                                                           : open_instr(*resource, request, call);
  if (!channel) return channel;
  for (const auto& [id, value] : request.initial_attributes) {
    const Status set = (*channel)->set_attribute(id, value, call);
    if (failed(set)) {
      (*channel)->close(call);
      return set;
    }
  }
  return channel;
}

}  // namespace visa::drivers::usb

namespace visa::drivers {

std::unique_ptr<spi::Driver> make_usb_driver() {
  return std::make_unique<usb::UsbDriver>();
}

}  // namespace visa::drivers
