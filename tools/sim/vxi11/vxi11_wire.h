// SPDX-License-Identifier: MIT
// VXI-11 as the bench knows it: "vxi11", its faults, its table [vxi11], its options.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

const WireKind& vxi11_wire_kind() noexcept;

}  // namespace visa::sim
