// SPDX-License-Identifier: MIT
// The wire of serial ports: each instrument is at a pseudo-terminal, under a name in a folder of
// the bench. Owned by the Bench, on its thread only.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "serial". Options: --serial-dir FOLDER, --serial-pace, --no-serial.
const WireKind& serial_wire_kind() noexcept;

}  // namespace visa::sim
