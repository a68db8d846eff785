// SPDX-License-Identifier: MIT
// The HiSLIP server of a bench that has one open.
#pragma once

#include "tools/sim/bench/bench_server.h"
#include "tools/sim/hislip/hislip_server.h"

namespace visa::sim {

inline const HislipServer& hislip_of(const BenchServer& bench) {
  return dynamic_cast<const HislipServer&>(bench.server("hislip"));
}

}  // namespace visa::sim
