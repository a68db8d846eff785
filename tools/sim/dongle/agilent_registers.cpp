// SPDX-License-Identifier: MIT
// The registers of the TMS9914A that a driver needs, and those of the firmware. What only tunes the
// chip (holdoffs, T1, masks) is taken and has no effect here.
#include <string>

#include "tools/sim/dongle/agilent_function.h"

namespace visa::sim {
namespace {

// To write.
constexpr std::uint8_t kAuxiliary = 0x03;
constexpr std::uint8_t kAddress = 0x04;
constexpr std::uint8_t kHardware = 0x0A;
constexpr std::uint8_t kProtocol = 0x0D;
constexpr std::uint8_t kLastChipRegister = 0x07;
constexpr std::uint8_t kLastRegister = 0x0E;
constexpr std::uint8_t kFirstFirmwareRegister = 0x0A;
// To read.
constexpr std::uint8_t kInterruptStatus1 = 0x01;
constexpr std::uint8_t kAddressStatus = 0x02;
constexpr std::uint8_t kLines = 0x03;

constexpr std::uint8_t kSystemController = 0x02;  // of the hardware control
constexpr std::uint8_t kTellComplete = 0x01;      // of the protocol
constexpr std::uint8_t kMostAddress = 30;
constexpr std::uint8_t kNoRegister = 3;  // error

enum class Command : std::uint8_t {
  reset = 0x00,
  listen_only = 0x09,
  talk_only = 0x0A,
  go_to_standby = 0x0B,
  take_control = 0x0C,
  take_control_synchronously = 0x0D,
  send_ifc = 0x0F,
  send_ren = 0x10,
  release_control = 0x12,
};

}  // namespace

void AgilentFunction::set_registers(std::string_view pairs) {
  bool known = true;
  for (std::size_t at = 0; at + 1 < pairs.size(); at += 2) {
    known = set_register(static_cast<std::uint8_t>(pairs[at]),
                         static_cast<std::uint8_t>(pairs[at + 1])) &&
            known;
  }
  if (!known) violation("a register that there is not");
  answer(0x04, known ? 0 : kNoRegister);
}

bool AgilentFunction::set_register(std::uint8_t address, std::uint8_t value) {
  switch (address) {
    case kAuxiliary:
      auxiliary(value & 0x7FU, (value & 0x80U) != 0);
      return true;
    case kAddress:
      if (value <= kMostAddress) bus().set_own_address(value);
      return true;
    case kHardware:
      hardware_ = value;
      return true;
    case kProtocol:
      tells_complete_ = (value & kTellComplete) != 0;
      return true;
    default:
      return address <= kLastChipRegister ||
             (address >= kFirstFirmwareRegister && address <= kLastRegister);
  }
}

void AgilentFunction::auxiliary(std::uint8_t command, bool set) {
  switch (static_cast<Command>(command)) {
    case Command::reset:
      if (!set) return;
      bus().release_control();
      bus().set_ren(false);
      return;
    case Command::listen_only:
      return bus().set_listen_only(set);
    case Command::talk_only:
      return bus().set_talk_only(set);
    case Command::go_to_standby:
      return bus().set_atn(false);
    case Command::take_control:
    case Command::take_control_synchronously:
      return bus().set_atn(true);
    case Command::send_ifc:
      if ((hardware_ & kSystemController) != 0) bus().set_ifc(set);
      return;
    case Command::send_ren:
      if ((hardware_ & kSystemController) != 0) bus().set_ren(set);
      return;
    case Command::release_control:
      return bus().release_control();
    default:
      return;
  }
}

// ADSR cannot be read while the chip listens and ATN is not asserted.
std::uint8_t AgilentFunction::address_status() const {
  constexpr unsigned kTalker = 0x02;
  constexpr unsigned kListener = 0x04;
  constexpr unsigned kAtn = 0x20;
  if (bus().listens() && !bus().atn()) return 0;
  return static_cast<std::uint8_t>((bus().talks() ? kTalker : 0U) |
                                   (bus().listens() ? kListener : 0U) | (bus().atn() ? kAtn : 0U));
}

std::optional<std::uint8_t> AgilentFunction::get_register(std::uint8_t address) {
  if (address == kLines) return bus().lines();
  if (address == kHardware) return hardware_;
  if (address == kAddressStatus) return address_status();
  if (address <= kInterruptStatus1) violation("reading an interrupt register clears it");
  if (address <= kLastChipRegister) return 0;
  return std::nullopt;
}

void AgilentFunction::get_registers(std::string_view addresses) {
  std::string values;
  for (const char address : addresses) {
    const auto value = get_register(static_cast<std::uint8_t>(address));
    if (!value) {
      violation("a register that there is not");
      return answer(0x05, kNoRegister);
    }
    values += static_cast<char>(*value);
  }
  answer(0x05, 0, values);
}

}  // namespace visa::sim
