// SPDX-License-Identifier: MIT
// HiSLIP as a kind of wire.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "hislip": table [hislip], options --hislip-port and --no-hislip.
const WireKind& hislip_wire_kind() noexcept;

}  // namespace visa::sim
