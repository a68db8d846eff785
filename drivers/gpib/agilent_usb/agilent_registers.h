// SPDX-License-Identifier: MIT
// The registers that an 82357 lets this computer reach: those of its TMS9914A, and a few of the
// firmware. Constant data: any thread.
#pragma once

#include <cstdint>

#include "drivers/gpib/agilent_usb/agilent_message.h"

namespace visa::drivers::gpib::agilent {

// Of the TMS9914A, for writing.
inline constexpr std::uint8_t kInterruptMask0 = 0x00;
inline constexpr std::uint8_t kInterruptMask1 = 0x01;
inline constexpr std::uint8_t kAuxiliary = 0x03;
inline constexpr std::uint8_t kOwnAddress = 0x04;
inline constexpr std::uint8_t kSerialPollByte = 0x05;
inline constexpr std::uint8_t kParallelPollByte = 0x06;
// For reading. Those of its interrupts are left alone: reading them clears them.
inline constexpr std::uint8_t kAddressStatus = 0x02;
inline constexpr std::uint8_t kBusStatus = 0x03;

// Of the firmware.
inline constexpr std::uint8_t kHardware = 0x0A;
inline constexpr std::uint8_t kLeds = 0x0B;
inline constexpr std::uint8_t kReset = 0x0C;
inline constexpr std::uint8_t kProtocol = 0x0D;
inline constexpr std::uint8_t kFastTalkerDelay = 0x0E;

inline constexpr std::uint8_t kHardwareRunning = 0x01;
inline constexpr std::uint8_t kHardwareSystemController = 0x02;
inline constexpr std::uint8_t kHardwareNoParallelPoll = 0x04;
inline constexpr std::uint8_t kLedFail = 0x20;
inline constexpr std::uint8_t kLedByFirmware = 0x01;
inline constexpr std::uint8_t kResetNow = 0x01;
inline constexpr std::uint8_t kReportsWrites = 0x01;
inline constexpr std::uint8_t kDelay800ns = 0x26;

// kBusStatus: 1 is asserted.
inline constexpr std::uint8_t kLineRen = 0x01;
inline constexpr std::uint8_t kLineSrq = 0x04;
inline constexpr std::uint8_t kLineNrfd = 0x10;
inline constexpr std::uint8_t kLineNdac = 0x20;
inline constexpr std::uint8_t kLineAtn = 0x80;

// kAddressStatus.
inline constexpr std::uint8_t kTalkerState = 0x02;
inline constexpr std::uint8_t kListenerState = 0x04;

/// Commands to kAuxiliary; those that switch something need kOn to switch it on.
inline constexpr std::uint8_t kOn = 0x80;
enum class Auxiliary : std::uint8_t {
  chip_reset = 0x00,
  release_dac = 0x01,
  hold_on_end = 0x04,
  no_byte = 0x05,
  listen_only = 0x09,
  talk_only = 0x0A,
  standby = 0x0B,
  take_control = 0x0C,  // at once
  parallel_poll = 0x0E,
  interface_clear = 0x0F,
  remote_enable = 0x10,
  request_control = 0x11,
  release_control = 0x12,
  short_delay = 0x15,
  very_short_delay = 0x17,
  request_service = 0x18,
};

constexpr RegisterWrite command(Auxiliary what, bool on = false) noexcept {
  return {kAuxiliary, static_cast<std::uint8_t>(static_cast<unsigned>(what) | (on ? kOn : 0U))};
}

}  // namespace visa::drivers::gpib::agilent
