// SPDX-License-Identifier: MIT
// Whatever comes over the control socket: every line has one answer, itself JSON, that says ok or
// why not; nothing that was switched on survives a fault_off.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/sim/bench/bench.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/control/json.h"
#include "tools/sim/description/bundled.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

visa::sim::Bench& bench() {
  static visa::sim::Bench one;
  if (one.resources().empty()) {
    one.open("socket");
    for (const char* const name : {"psu", "pyvisa"}) {
      one.serve(visa::sim::bundled_description(name), 0);
    }
  }
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::string answer = visa::sim::execute_control(bench(), line);
    demand(answer.find('\n') == std::string::npos);
    const auto [json, fault] = visa::sim::parse_json(answer);
    demand(fault.empty());
    demand(json.contains("ok") && json["ok"].is_boolean());
    demand(json["ok"].get<bool>() || json.contains("error"));
  }
  visa::sim::execute_control(bench(), R"({"op":"fault_off"})");
  for (const auto& resource : bench().resources()) {
    demand(resource.instrument->faults().empty());
    demand(resource.instrument->links().empty());
  }
  return 0;
}
