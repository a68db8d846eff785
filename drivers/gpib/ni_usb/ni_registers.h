// SPDX-License-Identifier: MIT
// The registers of NI's USB adapters that are written: of the TNT4882 (the GPIB chip) and of the
// adapter's own copy of its addresses. Constants and pure functions.
#pragma once

#include <array>
#include <cstdint>

#include "drivers/gpib/gpib_address.h"
#include "drivers/gpib/ni_usb/ni_blocks.h"

namespace visa::drivers::gpib::ni_usb {

inline constexpr std::uint8_t kChip = 1;
inline constexpr std::uint8_t kCopy = 2;
inline constexpr std::uint8_t kBoard = 3;

// Of the chip.
inline constexpr std::uint8_t kSerialPollMode = 0x06;
inline constexpr std::uint8_t kAddressMode = 0x08;
inline constexpr std::uint8_t kAuxiliary = 0x0A;
inline constexpr std::uint8_t kAddress = 0x0C;
inline constexpr std::uint8_t kCommand = 0x1C;
inline constexpr std::uint8_t kBusStatus = 0x1F;  // read: the lines

// What kBusStatus shows: 1 is asserted.
inline constexpr std::uint8_t kLineRen = 0x01;
inline constexpr std::uint8_t kLineSrq = 0x04;
inline constexpr std::uint8_t kLineNrfd = 0x10;
inline constexpr std::uint8_t kLineNdac = 0x20;
inline constexpr std::uint8_t kLineAtn = 0x80;

/// What starts the chip as system controller with address 0. In order: board off, soft reset, hold
/// off all data, one-chip mode, chip reset, no interrupts, hold RFD, T1 of 500 ns, no talking
/// without a listener, system controller, IFC released, address, no secondary address, two that
/// others write without a name, power on, parallel poll flag cleared.
inline constexpr std::array<RegisterWrite, 26> kStartUp = {{
    {kBoard, 0x10, 0x00},
    {kChip, kCommand, 0x22},
    {kChip, kAuxiliary, 0x81},
    {kChip, kSerialPollMode, 0x81},  // the auxiliary register while the chip is in reset
    {kChip, 0x0D, 0x01},
    {kChip, kAuxiliary, 0x02},
    {kChip, 0x1D, 0x80},
    {kChip, 0x02, 0x00},
    {kChip, 0x04, 0x00},
    {kChip, 0x12, 0x00},
    {kChip, kAuxiliary, 0x51},
    {kChip, kAuxiliary, 0xE9},
    {kChip, kAuxiliary, 0xA4},
    {kChip, 0x17, 0x00},
    {kChip, kAuxiliary, 0x48},
    {kChip, kCommand, 0x03},
    {kChip, kAuxiliary, 0x16},
    {kChip, kAddress, 0x00},
    {kCopy, 0x00, 0x00},
    {kChip, kAddress, 0xE0},
    {kChip, kAddressMode, 0x31},
    {kCopy, 0x01, 0x00},
    {kCopy, 0x02, 0xFD},
    {kChip, 0x0F, 0x11},
    {kChip, kAuxiliary, 0x00},
    {kChip, kAuxiliary, 0x01},
}};

inline constexpr std::array<RegisterWrite, 2> kShutDown = {
    {{kChip, kAuxiliary, 0x02}, {kBoard, 0x10, 0x00}}};

inline constexpr std::array<RegisterWrite, 1> kRenOn = {{{kChip, kAuxiliary, 0x1F}}};
inline constexpr std::array<RegisterWrite, 1> kRenOff = {{{kChip, kAuxiliary, 0x17}}};
inline constexpr std::array<RegisterWrite, 2> kTakeSystem = {
    {{kChip, kCommand, 0x03}, {kChip, kAuxiliary, 0x16}}};
inline constexpr std::array<RegisterWrite, 4> kGiveSystem = {{{kChip, kAuxiliary, 0x17},
                                                              {kChip, kAuxiliary, 0x16},
                                                              {kChip, kAuxiliary, 0x14},
                                                              {kChip, kCommand, 0x02}}};

/// The adapter's own address.
inline std::array<RegisterWrite, 5> own_address(const Address& address) noexcept {
  const bool has = address.secondary.has_value();
  const std::uint8_t secondary = address.secondary.value_or(0);
  return {{{kChip, kAddress, address.primary},
           {kCopy, 0x00, address.primary},
           {kChip, kAddress, static_cast<std::uint8_t>(has ? 0x80 + secondary : 0xE0)},
           {kChip, kAddressMode, static_cast<std::uint8_t>(has ? 0x32 : 0x31)},
           {kCopy, 0x01, static_cast<std::uint8_t>(has ? kMsa + secondary : 0)}}};
}

}  // namespace visa::drivers::gpib::ni_usb
