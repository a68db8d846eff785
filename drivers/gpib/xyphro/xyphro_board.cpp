// SPDX-License-Identifier: MIT
// The class of the interface tells the firmwares apart.
#include "drivers/gpib/xyphro/xyphro_board.h"

#include "drivers/gpib/dongle/claim.h"
#include "drivers/gpib/xyphro/xyphro_family.h"

namespace visa::drivers::gpib::xyphro {
namespace {

using dongle::Dongle;
using dongle::Model;
using dongle::Stage;

constexpr std::uint8_t kVendorClass = 0xFF;
constexpr Model kModels[] = {
    {0x03EB, 0x2065, kVendorClass, Stage::ready, 0, 0x03, 0x82, 0x81, "Xyphro UsbGpib"},
    {0x16D0, 0x1466, kVendorClass, Stage::ready, 0, 0x03, 0x82, 0x81, "GPIBee"},
};
constexpr std::string_view kKernelDrivers[] = {"xyphro_ugc"};

}  // namespace

Endpoints endpoints_of(const Dongle& dongle) {
  Endpoints endpoints{dongle.model->interface, dongle.model->bulk_out, dongle.model->bulk_in};
  const auto* const interface = dongle.device.interface(dongle.model->interface);
  if (interface == nullptr) return endpoints;
  if (const auto* out = interface->first(usb::EndpointType::bulk, false)) {
    endpoints.out = out->address;
  }
  if (const auto* in = interface->first(usb::EndpointType::bulk, true)) {
    endpoints.in = in->address;
    if (in->packet > kHeaderSize) endpoints.packet = in->packet;
  }
  return endpoints;
}

namespace {

Result<std::unique_ptr<Controller>> open(const Dongle& dongle, const BoardRequest&, Call& call) {
  auto usb = dongle::claim(dongle, call);
  if (!usb) return usb.status();
  return XyphroController::open(*std::move(usb), endpoints_of(dongle), dongle.name(), call);
}

}  // namespace

constinit const dongle::Family kFamily{"xyphro", kModels, kKernelDrivers, &open};

}  // namespace visa::drivers::gpib::xyphro
