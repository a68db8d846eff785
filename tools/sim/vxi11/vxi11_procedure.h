// SPDX-License-Identifier: MIT
// The programs and procedures of VXI-11 (appendix B), by number and name. Constants.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tools/sim/rpc/rpc_procedure.h"

namespace visa::sim {

inline constexpr std::uint32_t kCoreProgram = 0x0607AF;
inline constexpr std::uint32_t kAbortProgram = 0x0607B0;
inline constexpr std::uint32_t kInterruptProgram = 0x0607B1;
inline constexpr std::uint32_t kVxi11Version = 1;

/// In the order of kVxi11Procedures.
enum class Vxi11Procedure : std::uint8_t {
  create_link,
  device_write,
  device_read,
  device_readstb,
  device_trigger,
  device_clear,
  device_remote,
  device_local,
  device_lock,
  device_unlock,
  device_enable_srq,
  device_docmd,
  destroy_link,
  create_intr_chan,
  destroy_intr_chan,
  device_abort,
};

inline constexpr std::array<RpcProcedure, 16> kVxi11Procedures = {{
    {{"create_link"}, kCoreProgram, 10},
    {{"device_write"}, kCoreProgram, 11},
    {{"device_read"}, kCoreProgram, 12},
    {{"device_readstb"}, kCoreProgram, 13},
    {{"device_trigger"}, kCoreProgram, 14},
    {{"device_clear"}, kCoreProgram, 15},
    {{"device_remote"}, kCoreProgram, 16},
    {{"device_local"}, kCoreProgram, 17},
    {{"device_lock"}, kCoreProgram, 18},
    {{"device_unlock"}, kCoreProgram, 19},
    {{"device_enable_srq"}, kCoreProgram, 20},
    {{"device_docmd", true}, kCoreProgram, 22},
    {{"destroy_link"}, kCoreProgram, 23},
    {{"create_intr_chan"}, kCoreProgram, 25},
    {{"destroy_intr_chan"}, kCoreProgram, 26},
    {{"device_abort"}, kAbortProgram, 1},
}};

constexpr const RpcProcedure& vxi11_procedure(Vxi11Procedure procedure) noexcept {
  return kVxi11Procedures[static_cast<std::size_t>(procedure)];
}

/// `procedure` is one of kVxi11Procedures.
constexpr Vxi11Procedure identify(const RpcProcedure& procedure) noexcept {
  return static_cast<Vxi11Procedure>(&procedure - kVxi11Procedures.data());
}

}  // namespace visa::sim
