// SPDX-License-Identifier: MIT
// Ids and endpoints are those of the products.
#include "tools/sim/dongle/dongle_model.h"

#include <cstdio>
#include <utility>

namespace visa::sim {
namespace {

constexpr std::uint16_t kNi = 0x3923;
constexpr std::uint16_t kAgilent = 0x0957;
constexpr std::uint16_t kNiPlusBoot = 0x761E;

constexpr DongleModel kModels[] = {
    {.name = "ni-hs",
     .maker = "National Instruments",
     .product_name = "GPIB-USB-HS",
     .driver = "ni_usb_gpib",
     .vendor = kNi,
     .product = 0x709B,
     .out = 0x02,
     .in = 0x84,
     .interrupt = 0x81,
     .other_out = 0x06,
     .other_in = 0x88},
    {.name = "ni-hs-plus",
     .maker = "National Instruments",
     .product_name = "GPIB-USB-HS+",
     .driver = "ni_usb_gpib",
     .vendor = kNi,
     .product = 0x7618,
     .out = 0x01,
     .in = 0x82,
     .interrupt = 0x83,
     .other_out = 0x04,
     .other_in = 0x85,
     .second_interface = true},
    // Never flashed: it stays what it is.
    {.name = "ni-hs-plus-boot",
     .maker = "National Instruments",
     .product_name = "GPIB-USB-HS+",
     .driver = "ni_usb_gpib",
     .vendor = kNi,
     .product = 0x7618,
     .boot = kNiPlusBoot,
     .uploads = ~0U,
     .out = 0x03,
     .in = 0x81},
    {.name = "kusb-488a",
     .maker = "Keithley",
     .product_name = "KUSB-488A",
     .driver = "ni_usb_gpib",
     .vendor = kNi,
     .product = 0x725C,
     .out = 0x02,
     .in = 0x84,
     .interrupt = 0x81,
     .other_out = 0x06,
     .other_in = 0x88,
     .short_blocks = true},
    {.name = "mcc-usb-488",
     .maker = "Measurement Computing",
     .product_name = "USB-488",
     .driver = "ni_usb_gpib",
     .vendor = kNi,
     .product = 0x725D,
     .out = 0x02,
     .in = 0x84,
     .interrupt = 0x81,
     .other_out = 0x06,
     .other_in = 0x88,
     .short_blocks = true},
    {.name = "82357a",
     .family = DongleFamily::agilent,
     .maker = "Agilent Technologies, Inc.",
     .product_name = "82357A",
     .driver = "agilent_82357a",
     .vendor = kAgilent,
     .product = 0x0107,
     .boot = 0x0007,
     .uploads = 1,
     .out = 0x04,
     .in = 0x82,
     .interrupt = 0x86,
     .cpu = 0x7F92},
    {.name = "82357b",
     .family = DongleFamily::agilent,
     .maker = "Agilent Technologies, Inc.",
     .product_name = "82357B",
     .driver = "agilent_82357a",
     .vendor = kAgilent,
     .product = 0x0718,
     .boot = 0x0518,
     .uploads = 2,
     .out = 0x06,
     .in = 0x82,
     .interrupt = 0x88,
     .cpu = 0xE600},
    // Has its firmware in a memory of its own, as some clones.
    {.name = "82357b-clone",
     .family = DongleFamily::agilent,
     .maker = "Agilent Technologies, Inc.",
     .product_name = "82357B",
     .driver = "agilent_82357a",
     .vendor = kAgilent,
     .product = 0x0718,
     .out = 0x06,
     .in = 0x82,
     .interrupt = 0x88,
     .cpu = 0xE600},
    // With the firmware for raw access; with the usual one it is a USB instrument.
    {.name = "xyphro",
     .family = DongleFamily::xyphro,
     .maker = "XyphroLabs",
     .product_name = "GpibUsb",
     .driver = "xyphro_ugc",
     .vendor = 0x03EB,
     .product = 0x2065,
     .out = 0x03,
     .in = 0x82,
     .interrupt = 0x81,
     .speed = UsbSpeed::full,
     .subclass = 3,
     .protocol = 1},
    {.name = "gpibee",
     .family = DongleFamily::xyphro,
     .maker = "XyphroLabs",
     .product_name = "GPIBee",
     .driver = "xyphro_ugc",
     .vendor = 0x16D0,
     .product = 0x1466,
     .out = 0x03,
     .in = 0x82,
     .interrupt = 0x81,
     .speed = UsbSpeed::full,
     .subclass = 3,
     .protocol = 1},
};

}  // namespace

std::span<const DongleModel> dongle_models() noexcept {
  return kModels;
}

const DongleModel* find_dongle_model(std::string_view name) noexcept {
  for (const DongleModel& one : kModels) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

// Without power it forgets its firmware.
UsbIdentity Dongle::identity() {
  if (!std::exchange(restarts, false)) loaded = 0;
  const bool ready = model.boot == 0 || loaded >= model.uploads;
  UsbIdentity result{.vendor = model.vendor, .product = ready ? model.product : model.boot};
  if (!ready && model.family == DongleFamily::agilent) {
    result.device_class = 0xFF;  // and neither strings nor a serial number
    return result;
  }
  char number[16];
  std::snprintf(number, sizeof number, model.family == DongleFamily::agilent ? "MY%08lu" : "%08lX",
                static_cast<unsigned long>(serial));
  result.manufacturer = model.maker;
  result.model = model.product_name;
  result.serial = number;
  result.speed = model.speed;
  return result;
}

}  // namespace visa::sim
