// SPDX-License-Identifier: MIT
// What [dongle] of an instrument file says. Plain data.
#pragma once

#include <optional>

#include "tools/sim/engine/wire_kind.h"
#include "tools/sim/gpib/gpib_bus.h"

namespace visa::sim {

struct DongleDescription : WireSection {
  std::optional<GpibPlace> place;
};

}  // namespace visa::sim
