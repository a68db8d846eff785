// SPDX-License-Identifier: MIT
// A wire of the bench made through the public hooks alone: the skeleton of a new one, as
// drivers/example is on the other side. A message and an answer are a byte that says how long they
// are (1 to 254), and so many bytes; over TCP, a port for each instrument. A message of length 0 is
// a serial poll, answered with the status byte; a length of 255 from the instrument is a request
// for service.
#pragma once

#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {

/// "example": table [example] with `greeting`, sent to each client that connects; option
/// --no-example; operation "ask"; fault "example-length", whose answer announces `length` (0)
/// bytes; fault "example-lost", which keeps a request for service from the client.
const WireKind& example_wire_kind() noexcept;

}  // namespace visa::sim
