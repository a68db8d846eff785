// SPDX-License-Identifier: MIT
// For the tests of the VXI-11 server: benches, and faults by the requests of the control socket.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "conformance/unit/tools/sim/vxi11/vxi11_client.h"
#include "conformance/unit/tools/sim/vxi11/vxi11_of.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/description/description.h"

namespace visa::sim {

inline std::shared_ptr<const Description> described(const std::string& rest) {
  return read_description(
      "[instrument]\nname = \"own\"\nidentity = \"A,B,1,1\"\n"
      "[[dialogue]]\nquery = \"LATE?\"\nanswer = \"late\"\ndelay_ms = 60\n"
      "[[dialogue]]\nquery = \"NEVER?\"\nanswer = \"never\"\ndelay_ms = 3600000\n" +
          rest,
      "own.toml");
}

// With an instrument whose answers take time, and which takes and answers little at a time.
class Vxi11Test : public ::testing::Test {
 protected:
  BenchServer bench{{.instruments = {"pyvisa", "dmm", "scope"},
                     .described = {described("[vxi11]\nmax_receive = 64\nlargest_answer = 5\n")},
                     .wires = {"socket", "vxi11"}}};
  std::uint16_t core = vxi11_of(bench).core_port();
  Vxi11Client client{core};

  std::uint32_t linked(Vxi11Client& who, std::string_view device) {
    const auto result = who.create_link(device);
    EXPECT_EQ(result.error, 0U);
    return result.link;
  }
  std::uint32_t linked(std::string_view device) { return linked(client, device); }
  // Of the reply to a call that was started; 999 when none comes.
  static std::uint32_t error_of(RpcClient& who) {
    auto reply = who.finish();
    return reply ? reply->results.number() : 999U;
  }
  // Returns once the server has served everything that was sent before.
  void settle() {
    Vxi11Client other(core);
    other.destroy_link(12345);
  }
};

// With a link to the multimeter.
class Vxi11FaultTest : public ::testing::Test {
 protected:
  BenchServer bench{
      {.instruments = {"pyvisa", "dmm", "psu", "fgen"}, .wires = {"socket", "vxi11"}}};
  Vxi11Client client{vxi11_of(bench).core_port()};
  std::uint32_t link = client.create_link("inst1").link;

  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& b) { answer = execute_control(b, request); });
    return answer;
  }
  // The rest of a fault_on for the multimeter.
  void fault(const std::string& rest) {
    const std::string answer =
        control(R"({"op":"fault_on","instrument":"dmm-vxi11",)" + rest + "}");
    EXPECT_NE(answer.find("\"ok\":true"), std::string::npos) << answer;
  }
  std::optional<Reply> reply_to_read() {
    client.write(link, "*OPC?");
    expected_ =
        client.start(Vxi11Procedure::device_read, Vxi11Client::read_arguments(link, 100, 5000));
    return client.finish();
  }
  void expect_in_step() { EXPECT_EQ(client.query(link, "*OPC?"), "1\n"); }
  std::uint32_t expected_ = 0;
};

}  // namespace visa::sim
