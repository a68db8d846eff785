// SPDX-License-Identifier: MIT
// The VXI-11 server of a bench that has one open.
#pragma once

#include "tools/sim/bench/bench_server.h"
#include "tools/sim/vxi11/vxi11_server.h"

namespace visa::sim {

inline const Vxi11Server& vxi11_of(const BenchServer& bench) {
  return dynamic_cast<const Vxi11Server&>(bench.server("vxi11"));
}

}  // namespace visa::sim
