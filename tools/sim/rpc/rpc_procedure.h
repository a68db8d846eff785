// SPDX-License-Identifier: MIT
// A procedure of an RPC program by number and name, and those of the portmapper (RFC 1833,
// version 2). Constants.
#pragma once

#include <cstdint>

#include "tools/sim/engine/faults.h"

namespace visa::sim {

struct RpcProcedure : WireOperation {
  std::uint32_t program = 0;
  std::uint32_t number = 0;
};

inline constexpr std::uint32_t kPortmapProgram = 100000;
inline constexpr std::uint32_t kPortmapVersion = 2;
/// A fault that names no procedure is one of the instrument's, not of the way to it.
inline constexpr RpcProcedure kGetport{{"getport", true}, kPortmapProgram, 3};
inline constexpr RpcProcedure kDump{{"dump", true}, kPortmapProgram, 4};

}  // namespace visa::sim
