// SPDX-License-Identifier: MIT
// The programs and procedures of VXI-11 and of the portmapper, by number and name. Constant; any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace visa::sim {

inline constexpr std::uint32_t kPortmapProgram = 100000;
inline constexpr std::uint32_t kPortmapVersion = 2;
inline constexpr std::uint32_t kCoreProgram = 0x0607AF;
inline constexpr std::uint32_t kAbortProgram = 0x0607B0;
inline constexpr std::uint32_t kInterruptProgram = 0x0607B1;
inline constexpr std::uint32_t kVxi11Version = 1;

struct RpcProcedure {
  std::uint32_t program = 0;
  std::uint32_t number = 0;
  std::string_view name;
};

// In the order of rpc_procedures().
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
  getport,
  dump,
};

// All of them; the portmapper's two come last.
std::span<const RpcProcedure> rpc_procedures() noexcept;
const RpcProcedure& vxi11_procedure(Vxi11Procedure procedure) noexcept;
// Null if there is none.
const RpcProcedure* find_procedure(std::uint32_t program, std::uint32_t number) noexcept;
const RpcProcedure* find_procedure(std::string_view name) noexcept;
// `procedure` is one of rpc_procedures().
Vxi11Procedure identify(const RpcProcedure& procedure) noexcept;

}  // namespace visa::sim
