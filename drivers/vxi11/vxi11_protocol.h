// SPDX-License-Identifier: MIT
// The numbers of VXI-11 (revision 1.0): programs, procedures, flags, reasons. Constants.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "drivers/common/rpc_message.h"
#include "drivers/common/rpc_portmap.h"

namespace visa::drivers::vxi11 {

inline constexpr std::uint32_t kAbortProgram = 0x0607B0;
inline constexpr std::uint32_t kInterruptProgram = 0x0607B1;
inline constexpr std::uint32_t kVersion = 1;

/// The procedures of the core program.
enum class Procedure : std::uint32_t {
  create_link = 10,
  device_write = 11,
  device_read = 12,
  device_readstb = 13,
  device_trigger = 14,
  device_clear = 15,
  device_remote = 16,
  device_local = 17,
  device_lock = 18,
  device_unlock = 19,
  device_enable_srq = 20,
  device_docmd = 22,
  destroy_link = 23,
  create_intr_chan = 25,
  destroy_intr_chan = 26,
};

constexpr RpcProcedure core(Procedure procedure) noexcept {
  return {kVxi11CoreProgram, kVxi11CoreVersion, static_cast<std::uint32_t>(procedure)};
}

inline constexpr RpcProcedure kDeviceAbort{kAbortProgram, kVersion, 1};
inline constexpr std::uint32_t kDeviceIntrSrq = 30;

// B.5.3: all other bits are 0 on every call.
inline constexpr std::uint32_t kWaitLock = 0x01;
inline constexpr std::uint32_t kEnd = 0x08;
inline constexpr std::uint32_t kTermCharSet = 0x80;

// The reason word of device_read; 0: the instrument's reply buffer was full.
inline constexpr std::uint32_t kReasonCount = 1;
inline constexpr std::uint32_t kReasonTermChar = 2;
inline constexpr std::uint32_t kReasonEnd = 4;

/// The transport of an interrupt channel; VXI-11 has a number of its own, not that of IPPROTO_TCP.
inline constexpr std::uint32_t kInterruptByTcp = 0;

/// The longest handle of device_enable_srq, and the length that most instruments return correctly.
inline constexpr std::size_t kHandleSize = 40;
using Handle = std::array<std::byte, kHandleSize>;

// The numbers of Device_ErrorCode that the driver acts on.
inline constexpr std::uint32_t kNoError = 0;
inline constexpr std::uint32_t kInvalidLink = 4;
inline constexpr std::uint32_t kNotSupported = 8;
inline constexpr std::uint32_t kLocked = 11;
inline constexpr std::uint32_t kNotLocked = 12;
inline constexpr std::uint32_t kIoTimeout = 15;
inline constexpr std::uint32_t kAborted = 23;
inline constexpr std::uint32_t kChannelExists = 29;

/// The longest time that is sent: some servers read it as a signed number.
inline constexpr std::uint32_t kMostMilliseconds = 0x7FFFFFFF;

}  // namespace visa::drivers::vxi11
