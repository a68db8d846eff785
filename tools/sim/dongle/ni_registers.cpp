// SPDX-License-Identifier: MIT
// The registers of the TNT4882 that a driver needs: lines, REN, the adapter's own address, and
// whether the adapter is system controller. Writes that only tune the chip (holdoffs, T1, masks)
// are accepted and have no effect here.
#include <algorithm>
#include <string>

#include "tools/sim/dongle/ni_function.h"

namespace visa::sim {
namespace {

constexpr std::uint8_t kChip = 1;

enum class Register : std::uint8_t {
  address_mode = 0x08,
  auxiliary = 0x0A,
  address = 0x0C,
  command = 0x1C,
  lines = 0x1F,
};

enum class Auxiliary : std::uint8_t {
  power_on = 0x00,
  chip_reset = 0x02,
  release_control = 0x14,
  clear_ifc = 0x16,
  ren_off = 0x17,
  set_ifc = 0x1E,
  ren_on = 0x1F,
  listen = 0x80,
};

constexpr std::uint8_t kSystemController = 0x03;
constexpr std::uint8_t kNoSystemController = 0x02;
constexpr std::uint8_t kListenOnly = 0x71;
constexpr std::uint8_t kMostAddress = 30;
constexpr std::uint8_t kRegisterGroup = 0x34;
constexpr std::uint8_t kRegistersDone = 0x35;

}  // namespace

void NiFunction::set_registers(const NiMessage& message) {
  if (message.registers.size() > kMostRegisters) violation("too many registers in a message");
  for (const NiRegister& one : message.registers) set_register(one);
  answer(message, NiError::none, 0);
}

void NiFunction::set_register(const NiRegister& one) {
  if (one.device != kChip) return;
  switch (static_cast<Register>(one.address)) {
    case Register::auxiliary:
      return auxiliary(one.value);
    case Register::address:
      if (one.value <= kMostAddress) bus().set_own_address(one.value);
      return;
    case Register::address_mode:
      bus().set_listen_only(one.value == kListenOnly);
      return;
    case Register::command:
      if (one.value == kSystemController) system_controller_ = true;
      if (one.value == kNoSystemController) system_controller_ = false;
      return;
    default:
      return;
  }
}

void NiFunction::auxiliary(std::uint8_t command) {
  switch (static_cast<Auxiliary>(command)) {
    case Auxiliary::power_on:
      on_ = true;
      return;
    case Auxiliary::chip_reset:
      on_ = system_controller_ = false;
      bus().set_ren(false);
      bus().release_control();
      bus().set_listen_only(false);
      return;
    case Auxiliary::release_control:
      bus().release_control();
      return;
    case Auxiliary::ren_off:
    case Auxiliary::ren_on:
      if (system_controller_)
        bus().set_ren(command == static_cast<std::uint8_t>(Auxiliary::ren_on));
      return;
    case Auxiliary::set_ifc:
      if (system_controller_) bus().set_ifc(true);
      return;
    case Auxiliary::clear_ifc:
      if (bus().line(GpibLine::ifc)) bus().set_ifc(false);
      return;
    default:
      return;
  }
}

std::uint8_t NiFunction::get_register(const NiRegister& one) const {
  if (one.device == kChip && one.address == static_cast<std::uint8_t>(Register::lines)) {
    return bus().lines();
  }
  return 0;
}

// Groups of three values, then their number.
void NiFunction::get_registers(const NiMessage& message) {
  if (message.registers.size() > kMostRegisters) violation("too many registers in a message");
  std::string bytes;
  for (std::size_t from = 0; from < message.registers.size(); from += 3) {
    bytes += static_cast<char>(kRegisterGroup);
    for (std::size_t at = from; at < from + 3; ++at) {
      const bool there = at < message.registers.size();
      bytes += static_cast<char>(there ? get_register(message.registers[at]) : 0);
    }
  }
  bytes += static_cast<char>(kRegistersDone);
  bytes += static_cast<char>(message.registers.size());
  bytes += std::string(2, '\0');
  reply(ni_closed(std::move(bytes)), kDongleRegisters);
}

}  // namespace visa::sim
