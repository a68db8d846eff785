// SPDX-License-Identifier: MIT
// The request that loads memory is one of the EZ-USB chip itself, which any firmware or none
// answers.
#include "drivers/gpib/agilent_usb/firmware_loader.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace visa::drivers::gpib::agilent {
namespace {

using namespace std::chrono_literals;
using usb::UsbOutcome;

constexpr std::uint8_t kVendorOut = 0x40;
constexpr std::uint8_t kLoadMemory = 0xA0;
/// One more than a 82357B needs.
constexpr unsigned kMostLoads = 3;
/// Between two looks for the adapter: sysfs tells no one that it is back.
constexpr auto kLook = 20ms;
/// How long the system may take to give users their permission.
constexpr auto kPermission = 1000ms;
/// A record is a control transfer.
constexpr auto kRecord = 1000ms;

UsbOutcome load(usb::UsbInterface& usb, std::uint16_t address, std::span<std::byte> data,
                const Call& call) {
  const Deadline until = std::min(call.deadline, Deadline::after(kRecord));
  return usb.control({kVendorOut, kLoadMemory, address, 0}, data, call, until).outcome;
}

UsbOutcome run(usb::UsbInterface& usb, const FirmwareKind& kind, bool on, const Call& call) {
  std::array<std::byte, 1> stopped{static_cast<std::byte>(on ? 0 : 1)};
  return load(usb, kind.control_register, stopped, call);
}

Status upload(usb::UsbInterface& usb, const std::string& name, const FirmwareKind& kind,
              const HexFile& firmware, Call& call) {
  UsbOutcome outcome = run(usb, kind, false, call);
  std::vector<std::byte> data;
  for (const HexRecord& record : firmware.records) {
    if (outcome != UsbOutcome::done) break;
    data = record.data;
    outcome = load(usb, record.address, data, call);
  }
  if (outcome == UsbOutcome::done) {
    run(usb, kind, true, call);  // it may have left before it could answer
    return Status::success;
  }
  if (outcome == UsbOutcome::cancelled) return Status::error_abort;
  if (outcome == UsbOutcome::gone) {
    return call.fail(Status::error_rsrc_nfound, name + " was unplugged while it got its firmware");
  }
  if (outcome == UsbOutcome::timed_out) {
    return call.fail(Status::error_tmo, name + " did not take its firmware in time; try again");
  }
  return call.fail(Status::error_io,
                   name + " refuses its firmware; unplug it, plug it in again and retry");
}

/// After the firmware has been started: the adapter under its new address.
Result<dongle::Dongle> wait_for_return(AdapterPort& port, const dongle::Dongle& old, Call& call) {
  for (;;) {
    auto here = port.now();
    if (here && here->device.address != old.device.address) return *std::move(here);
    if (call.cancelled()) return Status::error_abort;
    if (call.deadline.expired()) {
      return call.fail(Status::error_tmo,
                       old.name() +
                           " got its firmware and is not ready yet; open it again, or set "
                           "connect_timeout_ms = 10000 in the [[interface]] of the board");
    }
    port.pause(kLook, call);
  }
}

}  // namespace

Result<std::unique_ptr<usb::UsbInterface>> claim_new(AdapterPort& port,
                                                     const dongle::Dongle& dongle, Call& call) {
  const Deadline until = std::min(call.deadline, Deadline::after(kPermission));
  for (;;) {
    auto usb = port.claim(dongle, call);
    const bool early =
        usb.status() == Status::error_npermission || usb.status() == Status::error_rsrc_nfound;
    if (!early || until.expired() || call.cancelled()) return usb;
    port.pause(kLook, call);
    call.detail.clear();
  }
}

Result<dongle::Dongle> load_firmware(AdapterPort& port, const dongle::Dongle& dongle,
                                     const FirmwareKind& kind, const HexFile& firmware,
                                     Call& call) {
  dongle::Dongle here = dongle;
  for (unsigned loads = 0; here.model->stage != dongle::Stage::ready; ++loads) {
    if (loads == kMostLoads) {
      return call.fail(Status::error_io,
                       here.name() +
                           " got its firmware and does not run it; is it the right file? Unplug "
                           "it and plug it in again before you retry");
    }
    auto usb = loads == 0 ? port.claim(here, call) : claim_new(port, here, call);
    if (!usb) return usb.status();
    const Status status = upload(**usb, here.name(), kind, firmware, call);
    (*usb)->close();
    usb->reset();
    if (failed(status)) return status;
    auto back = wait_for_return(port, here, call);
    if (!back) return back.status();
    here = *std::move(back);
  }
  return here;
}

}  // namespace visa::drivers::gpib::agilent
