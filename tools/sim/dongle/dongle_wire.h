// SPDX-License-Identifier: MIT
// The wire of USB adapters: all instruments of a bench on one GPIB bus, with a dongle between it
// and the programs. Owned by the Bench, on its thread only.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "dongle": table [dongle], options --dongle KIND and --dongle-kernel-driver.
const WireKind& dongle_wire_kind() noexcept;

}  // namespace visa::sim
