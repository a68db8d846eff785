// SPDX-License-Identifier: MIT
// The wire of GPIB: all instruments of a bench on one bus, with an adapter between it and the
// programs. Owned by the Bench, on its thread only.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "gpib". Options: --gpib ADAPTER, --gpib-port N, --gpib-serial FILE; without the first there is
/// no bus.
const WireKind& gpib_wire_kind() noexcept;

}  // namespace visa::sim
