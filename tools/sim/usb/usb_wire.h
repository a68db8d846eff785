// SPDX-License-Identifier: MIT
// USBTMC as a kind of wire.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "usb": table [usb], options --usb and --usb-small-urbs.
const WireKind& usb_wire_kind() noexcept;

/// The library that programs are started with is installed.
bool usb_preload_is_there();

}  // namespace visa::sim
