// SPDX-License-Identifier: MIT
// A wire of the bench made through the public hooks alone: the skeleton of a new one, as
// drivers/example is on the other side. A message and an answer are a byte that says how long they
// are, and so many bytes; over TCP, a port for each instrument.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "example": table [example] with `greeting`, sent to each client that connects; option
/// --no-example; operation "ask"; fault "example-length", whose answer announces `length` (0)
/// bytes.
const WireKind& example_wire_kind() noexcept;

}  // namespace visa::sim
