// SPDX-License-Identifier: MIT
#include "tools/sim/rpc/rpc_procedure.h"

#include <algorithm>
#include <array>

namespace visa::sim {
namespace {

constexpr std::array<RpcProcedure, 18> kProcedures = {{
    {kCoreProgram, 10, "create_link"},
    {kCoreProgram, 11, "device_write"},
    {kCoreProgram, 12, "device_read"},
    {kCoreProgram, 13, "device_readstb"},
    {kCoreProgram, 14, "device_trigger"},
    {kCoreProgram, 15, "device_clear"},
    {kCoreProgram, 16, "device_remote"},
    {kCoreProgram, 17, "device_local"},
    {kCoreProgram, 18, "device_lock"},
    {kCoreProgram, 19, "device_unlock"},
    {kCoreProgram, 20, "device_enable_srq"},
    {kCoreProgram, 22, "device_docmd"},
    {kCoreProgram, 23, "destroy_link"},
    {kCoreProgram, 25, "create_intr_chan"},
    {kCoreProgram, 26, "destroy_intr_chan"},
    {kAbortProgram, 1, "device_abort"},
    {kPortmapProgram, 3, "getport"},
    {kPortmapProgram, 4, "dump"},
}};

template <class Predicate>
const RpcProcedure* find_if(Predicate predicate) noexcept {
  const auto found = std::find_if(kProcedures.begin(), kProcedures.end(), predicate);
  return found != kProcedures.end() ? &*found : nullptr;
}

}  // namespace

std::span<const RpcProcedure> rpc_procedures() noexcept {
  return kProcedures;
}

const RpcProcedure& vxi11_procedure(Vxi11Procedure procedure) noexcept {
  return kProcedures[static_cast<std::size_t>(procedure)];
}

const RpcProcedure* find_procedure(std::uint32_t program, std::uint32_t number) noexcept {
  return find_if(
      [=](const RpcProcedure& one) { return one.program == program && one.number == number; });
}

const RpcProcedure* find_procedure(std::string_view name) noexcept {
  return find_if([name](const RpcProcedure& one) { return one.name == name; });
}

Vxi11Procedure identify(const RpcProcedure& procedure) noexcept {
  return static_cast<Vxi11Procedure>(&procedure - kProcedures.data());
}

}  // namespace visa::sim
