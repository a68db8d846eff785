// SPDX-License-Identifier: MIT
// For the tests of the HiSLIP server: benches, and faults by the requests of the control socket.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "conformance/unit/tools/sim/hislip/hislip_client.h"
#include "conformance/unit/tools/sim/hislip/hislip_of.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/description/description.h"

namespace visa::sim {

inline std::shared_ptr<const Description> hislip_described(const std::string& name,
                                                           const std::string& rest) {
  return read_description(
      "[instrument]\nname = \"" + name + "\"\nidentity = \"A,B,1,1\"\ntrigger = \"acquire\"\n" +
          "[[dialogue]]\nquery = \"LATE?\"\nanswer = \"late\"\ndelay_ms = 60\n"
          "[[dialogue]]\nquery = \"NEVER?\"\nanswer = \"never\"\ndelay_ms = 3600000\n"
          "[[property]]\nname = \"text\"\ntype = \"string\"\nheader = \"TEXT\"\nlongest = "
          "65536\n" +
          rest,
      name + ".toml");
}

// hislip0 pyvisa, hislip1 dmm, hislip2 scope, hislip3 "own" with small messages, hislip4 "lapped"
// in overlap mode, "hisliponly" with nothing else, hislip5 "old" 1.0 and synchronized only.
class HislipTest : public ::testing::Test {
 protected:
  BenchServer bench{
      {.instruments = {"pyvisa", "dmm", "scope"},
       .described = {hislip_described("own",
                                      "[hislip]\nmax_receive = 64\nlargest_answer = 5\n"
                                      "strict_ids = true\n"),
                     hislip_described("lapped", "[hislip]\noverlap = \"preferred\"\n"),
                     hislip_described("only",
                                      "[hislip]\noverlap = \"always\"\n"
                                      "device = \"hisliponly\"\n"),
                     hislip_described("old", "[hislip]\noverlap = \"never\"\nversion = \"1.0\"\n")},
       .wires = {"socket", "hislip"}}};
  std::uint16_t port = hislip_of(bench).port();

  // Returns once `holds` does, on the bench's thread; bounded.
  bool eventually(const std::function<bool(HislipServer&)>& holds) {
    const auto deadline = Clock::now() + std::chrono::seconds(20);
    while (Clock::now() < deadline) {
      bool now = false;
      on_server([&](HislipServer& server) { now = holds(server); });
      if (now) {
        return true;
      }
      std::this_thread::yield();
    }
    return false;
  }
  void on_server(const std::function<void(HislipServer&)>& task) {
    bench.on_bench_thread(
        [&](Bench& one) { task(dynamic_cast<HislipServer&>(*one.server("hislip"))); });
  }
  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& b) { answer = execute_control(b, request); });
    return answer;
  }
  // The rest of a fault_on for the multimeter, hislip1.
  void fault(const std::string& rest) {
    const std::string answer =
        control(R"({"op":"fault_on","instrument":"dmm-hislip",)" + rest + "}");
    EXPECT_NE(answer.find("\"ok\":true"), std::string::npos) << answer;
  }
  void no_fault() { control(R"({"op":"fault_off","instrument":"dmm"})"); }
};

}  // namespace visa::sim
