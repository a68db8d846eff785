// SPDX-License-Identifier: MIT
// What the control socket understands; README.md in this folder lists the operations. No sockets
// here: a line in, a line out. On the bench's thread only.
#pragma once

#include <string>
#include <string_view>

#include "tools/sim/bench/bench.h"

namespace visa::sim {

/// Executes one request, a JSON object, and returns the answer, a JSON object without LF:
/// {"ok":true,...} or {"ok":false,"error":"..."}; "id" of the request comes back in it.
std::string execute_control(Bench& bench, std::string_view line);

}  // namespace visa::sim
