// SPDX-License-Identifier: MIT
// The EZ-USB way: the request A0 writes memory, and a register of it holds the processor.
#include "tools/sim/dongle/boot_function.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kToDevice = 0x40;
constexpr std::uint8_t kWriteMemory = 0xA0;

}  // namespace

BootFunction::BootFunction(UsbPort& port, Dongle& dongle) : port_(port), dongle_(dongle) {
  layout_.device_class = 0xFF;
  layout_.subclass = layout_.protocol = 0xFF;
  if (dongle.model.family != DongleFamily::ni) return;
  layout_.subclass = layout_.protocol = 0;
  const std::uint16_t packet = usb_bulk_packet(UsbSpeed::high);
  layout_.endpoints = {{dongle.model.out, UsbPipeType::bulk, packet, 0},
                       {dongle.model.in, UsbPipeType::bulk, packet, 0}};
}

UsbAnswer BootFunction::control(const UsbSetup& setup, std::string_view data, bool) {
  ++dongle_.state.control_requests;
  const bool writes = setup.type == kToDevice && setup.request == kWriteMemory;
  if (!writes || dongle_.model.cpu == 0 || data.empty()) return {.kind = UsbAnswer::Kind::stall};
  if (setup.value == dongle_.model.cpu) {
    if (silent()) return {.kind = UsbAnswer::Kind::wait, .until = Clock::time_point::max()};
    hold((static_cast<unsigned char>(data[0]) & 1U) != 0);
    return {};
  }
  if (held_) {
    written_ += data.size();
  } else {
    ++dongle_.state.violations;  // a processor that runs is written under
  }
  return {};
}

bool BootFunction::silent() {
  for (const auto& one : dongle_.bus.stations()) {
    if (one->faults().empty()) continue;
    const auto* const active =
        one->faults().next(FaultPoint::call, one->link().id(), &kDongleUpload);
    if (active == nullptr) continue;
    if (active->fault.kind == &kDongleUnplugFault) port_.unplug(std::nullopt);
    return active->fault.kind == &kDongleUnplugFault || active->fault.kind == &kDongleSilenceFault;
  }
  return false;
}

UsbAnswer SilentFunction::control(const UsbSetup& setup, std::string_view, bool) {
  constexpr std::uint8_t kFromInterface = 0xC1;
  constexpr std::uint8_t kReady = 0xF8;
  if (setup.type != kFromInterface || setup.request != kReady) {
    return {.kind = UsbAnswer::Kind::stall};
  }
  return {.data = std::string("\xF8\x01\0\0\0\x01\0\0\0", 9)};
}

void BootFunction::hold(bool held) {
  const bool starts = held_ && !held && written_ > 0;
  if (!held_ && held) written_ = 0;
  held_ = held;
  if (!starts) return;
  ++dongle_.state.uploads;
  ++dongle_.loaded;
  dongle_.restarts = true;
  port_.unplug(kAway);
}

}  // namespace visa::sim
