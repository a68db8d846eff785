// SPDX-License-Identifier: MIT
// Device_ErrorCode of VXI-11 (table B.2). Constants.
#pragma once

#include <cstdint>

namespace visa::sim {

inline constexpr std::uint32_t kVxi11SyntaxError = 1;
inline constexpr std::uint32_t kVxi11NotAccessible = 3;
inline constexpr std::uint32_t kVxi11InvalidLink = 4;
inline constexpr std::uint32_t kVxi11ParameterError = 5;
inline constexpr std::uint32_t kVxi11NoChannel = 6;
inline constexpr std::uint32_t kVxi11NotSupported = 8;
inline constexpr std::uint32_t kVxi11OutOfResources = 9;
inline constexpr std::uint32_t kVxi11Locked = 11;
inline constexpr std::uint32_t kVxi11NoLock = 12;
inline constexpr std::uint32_t kVxi11Timeout = 15;
inline constexpr std::uint32_t kVxi11InvalidAddress = 21;
inline constexpr std::uint32_t kVxi11Abort = 23;
inline constexpr std::uint32_t kVxi11ChannelExists = 29;

}  // namespace visa::sim
