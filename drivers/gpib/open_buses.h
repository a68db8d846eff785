// SPDX-License-Identifier: MIT
// The buses that this process has open, for the driver and the finder. Any thread.
#pragma once

#include <string>

#include "drivers/gpib/back_end.h"
#include "drivers/gpib/bus.h"

namespace visa::drivers::gpib {

/// Joins the bus of the board, or opens its adapter. One whose adapter is gone is not joined: its
/// sessions keep it until they are closed, and a new one takes its place. Statuses are those of
/// viOpen.
Result<Buses::Lease> open_bus(const Board& board, Call& call);

}  // namespace visa::drivers::gpib
