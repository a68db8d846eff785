// SPDX-License-Identifier: MIT
// The USB ids. The GPIB-USB-B and the KUSB-488, which need firmware of NI at each power-up, are not
// served.
#include "drivers/gpib/ni_usb/ni_family.h"

#include <utility>

#include "drivers/gpib/dongle/claim.h"
#include "drivers/gpib/ni_usb/ni_controller.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

using dongle::Model;
using dongle::Stage;

constexpr std::uint16_t kNi = 0x3923;
constexpr std::string_view kFlash =
    "this adapter waits for the firmware that it gets once in its life; FreeVISA does not write "
    "it: plug the adapter into a computer with NI-488.2 once";

constexpr Model kModels[] = {
    {kNi, 0x709B, {}, Stage::ready, 0, 0x02, 0x84, 0x81, "NI GPIB-USB-HS"},
    {kNi, 0x7618, {}, Stage::ready, 0, 0x01, 0x82, 0x83, "NI GPIB-USB-HS+"},
    {kNi, 0x761E, {}, Stage::refused, 0, 0, 0, 0, "NI GPIB-USB-HS+", kFlash},
    {kNi, 0x725C, {}, Stage::ready, 0, 0x02, 0x84, 0x81, "Keithley KUSB-488A"},
    {kNi, 0x725D, {}, Stage::ready, 0, 0x02, 0x84, 0x81, "MCC USB-488"},
};
constexpr std::string_view kKernelDrivers[] = {"ni_usb_gpib"};

Result<std::unique_ptr<Controller>> open(const dongle::Dongle& dongle, const BoardRequest&,
                                         Call& call) {
  auto usb = dongle::claim(dongle, call);
  if (!usb) return usb.status();
  return NiController::open(*std::move(usb), dongle, call);
}

}  // namespace

constinit const dongle::Family kFamily{"ni_usb", kModels, kKernelDrivers, &open};

}  // namespace visa::drivers::gpib::ni_usb
