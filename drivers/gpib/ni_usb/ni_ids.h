// SPDX-License-Identifier: MIT
// The first bytes of the blocks of NI's USB adapters. Constants.
#pragma once

#include <cstddef>
#include <cstdint>

namespace visa::drivers::gpib::ni_usb {

// Requests.
inline constexpr std::uint8_t kTakeControl = 0x01;
inline constexpr std::uint8_t kTerminator = 0x04;  // of requests and replies
inline constexpr std::uint8_t kStandby = 0x06;
inline constexpr std::uint8_t kReadRegisters = 0x08;
inline constexpr std::uint8_t kWriteRegisters = 0x09;  // also of its status in a reply
inline constexpr std::uint8_t kReadData = 0x0A;
inline constexpr std::uint8_t kCommands = 0x0C;
inline constexpr std::uint8_t kWriteData = 0x0D;
inline constexpr std::uint8_t kInterfaceClear = 0x0F;

// Replies.
inline constexpr std::uint8_t kRegisterValues = 0x34;
inline constexpr std::uint8_t kRegistersEnd = 0x35;
inline constexpr std::uint8_t kData = 0x36;
inline constexpr std::uint8_t kLongData = 0x37;
inline constexpr std::uint8_t kDataStatus = 0x38;

inline constexpr std::size_t kStatusSize = 8;
inline constexpr std::size_t kTerminatorSize = 4;
inline constexpr std::size_t kInData = 15;      // data bytes in a block kData of 16
inline constexpr std::size_t kInLongData = 30;  // in a block kLongData of 32

}  // namespace visa::drivers::gpib::ni_usb
