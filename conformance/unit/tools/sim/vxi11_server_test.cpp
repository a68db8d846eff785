// SPDX-License-Identifier: MIT
// The VXI-11 server over real loopback connections: links, reads, writes, locks, abort, interrupts,
// the gateway.
#include "tools/sim/vxi11_server.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/vxi11_client.h"
#include "tools/sim/bench_server.h"

namespace visa::sim {
namespace {

using P = Vxi11Procedure;

class Vxi11Test : public ::testing::Test {
 protected:
  BenchServer bench{{.instruments = {"pyvisa", "dmm", "scope"}, .vxi11 = true}};
  std::uint16_t core = bench.vxi11().core_port();
};

TEST_F(Vxi11Test, EveryInstrumentHasAResourceThatNamesItsPorts) {
  EXPECT_EQ(bench.resource("pyvisa-vxi11"), "TCPIP0::127.0.0.1::inst0::INSTR");
  EXPECT_EQ(bench.resource("scope-vxi11"), "TCPIP0::127.0.0.1::inst2::INSTR");
  const std::string transport = "transport = { core_port = " + std::to_string(core) +
                                ", abort_port = " + std::to_string(bench.vxi11().abort_port());
  EXPECT_NE(bench.configuration().find(transport), std::string::npos) << bench.configuration();
}

TEST_F(Vxi11Test, QueryEndsWithEnd) {
  Vxi11Client client(core);
  const auto linked = client.create_link("inst1");
  EXPECT_EQ(linked.error, 0U);
  EXPECT_EQ(linked.link, 0U) << "the first link's number is 0, which clients took for none";
  EXPECT_EQ(linked.abort_port, bench.vxi11().abort_port());
  EXPECT_GE(linked.max_receive, 1024U);
  EXPECT_EQ(client.write(linked.link, "*IDN?"), std::pair(0U, 5U));
  const auto answer = client.read(linked.link);
  EXPECT_EQ(answer.error, 0U);
  EXPECT_EQ(answer.reason, 4U);
  EXPECT_EQ(answer.data, "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
  EXPECT_EQ(client.destroy_link(linked.link), 0U);
  EXPECT_EQ(client.destroy_link(linked.link), 4U);
}

}  // namespace
}  // namespace visa::sim
