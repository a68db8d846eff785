// SPDX-License-Identifier: MIT
// The SOCKET wire over real loopback connections.
#include "tools/sim/bench/bench_server.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/description/bundled.h"
#include "tools/sim/socket/socket_wire.h"

namespace visa::sim {
namespace {

// Waits until the bench has noticed that clients are gone; bounded.
bool wait_for_clients(BenchServer& bench, std::size_t count) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (bench.clients() != count) {
    if (Clock::now() > deadline) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

TEST(BenchServer, ServesEveryInstrumentUnderItsResourceName) {
  BenchServer bench;
  for (const char* const alias : {"pyvisa", "dmm", "scope"}) {
    EXPECT_EQ(bench.resource(alias),
              "TCPIP0::127.0.0.1::" + std::to_string(bench.port(alias)) + "::SOCKET");
    EXPECT_NE(Client(bench.port(alias)).query("*IDN?").find("FreeVISA"), std::string::npos);
    EXPECT_NE(bench.configuration().find("name = \"" + bench.resource(alias) + "\"\nalias = \"" +
                                         alias + "\"\n"),
              std::string::npos);
  }
  EXPECT_THROW(bench.port("oven"), std::out_of_range);
}

TEST(BenchServer, TwoOfAKindAreTwoInstruments) {
  BenchServer bench({.instruments = {"dmm", "dmm"}});
  Client first(bench.port("dmm"));
  Client second(bench.port("dmm2"));
  first.query("*ESE 1;*OPC?");
  EXPECT_EQ(first.query("*ESE?"), "1\n");
  EXPECT_EQ(second.query("*ESE?"), "0\n");
}

TEST(BenchServer, NamesOfARecordingLeadToItsOwnWire) {
  const std::string text =
      "[[recorded]]\nname = \"dmm\"\nresource = \"GPIB0::2::INSTR\"\nwire = \"WIRE\"\n"
      "opened_as = [\"dmm\", \"the \\\"meter\\\"\", \"ASRL9::INSTR\"]\n"
      "[[recorded.exchange]]\nsend = \"*IDN?\"\nanswer = \"A\\n\"\n";
  for (const char* const wire : {"vxi11", "usb"}) {
    std::string file = text;
    file.replace(file.find("WIRE"), 4, wire);
    BenchServer bench({.instruments = {},
                       .described = {read_description(file, "file")},
                       .wires = {"socket", "vxi11"}});
    const std::string configuration = bench.configuration();
    const bool own = std::string_view(wire) == "vxi11";  // no USB is open here
    EXPECT_EQ(configuration.find("::SOCKET") == std::string::npos, own) << configuration;
    EXPECT_NE(configuration.find("::inst0::INSTR\"\nalias = \"dmm" +
                                 std::string(own ? "" : "-vxi11") + "\"\n"),
              std::string::npos)
        << configuration;
    EXPECT_NE(configuration.find(own ? "aliases = [\"the \\\"meter\\\"\"]\n"
                                     : "aliases = [\"dmm\", \"the "),
              std::string::npos)
        << configuration;
    EXPECT_NE(configuration.find("instead_of = [\"GPIB0::2::INSTR\", \"ASRL9::INSTR\"]"),
              std::string::npos)
        << configuration;
  }
}

TEST(BenchServer, UnknownKindAndUsedPortAreNamed) {
  EXPECT_THROW(BenchServer({.instruments = {"oven"}}), std::invalid_argument);
  BenchServer running;
  Bench second;
  second.open("socket");
  const auto kind = bundled_description("dmm");
  try {
    second.serve(kind, running.port("dmm"));
    FAIL() << "the port is in use";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EADDRINUSE);
    EXPECT_NE(std::string(error.what()).find(std::to_string(running.port("dmm"))),
              std::string::npos);
  }
  Bench third;
  third.open("socket", {.address = "not an address"});
  EXPECT_THROW(third.serve(kind, 0), std::system_error);
}

TEST(BenchServer, ListensOnIpv6UnderABracketedName) {
  Bench bench;
  bench.open("socket", {.address = "::1"});
  try {
    const auto& resource = bench.serve(bundled_description("dmm"), 0);
    EXPECT_EQ(resource.name, "TCPIP0::[::1]::" + std::to_string(resource.port) + "::SOCKET");
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "this machine has no IPv6 loopback: " << error.what();
  }
}

TEST(SocketWire, LineMayComeInPieces) {
  BenchServer bench;
  Client client(bench.port("dmm"));
  for (const char byte : std::string("*IDN?\n")) {
    ASSERT_TRUE(client.send({&byte, 1}));
  }
  EXPECT_EQ(client.line(), "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n");
}

TEST(SocketWire, SeveralLinesInOnePieceAreAnsweredInOrder) {
  BenchServer bench;
  Client client(bench.port("dmm"));
  ASSERT_TRUE(client.send("*ESE 4\n*ESE?\r\n*OPC?;*ESE?\n\n*SRE?\n"));
  EXPECT_EQ(client.line(), "4\n");
  EXPECT_EQ(client.line(), "1;4\n");
  EXPECT_EQ(client.line(), "0\n");
}

TEST(SocketWire, ManyClientsShareTheInstrumentAndGetTheirOwnAnswers) {
  BenchServer bench;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 300; ++i) {
    clients.push_back(std::make_unique<Client>(bench.port("dmm")));
    ASSERT_TRUE(clients.back()->connected());
  }
  clients[0]->query("*ESE 77;*OPC?");
  for (const auto& client : clients) {
    ASSERT_TRUE(client->send("*ESE?\n"));
  }
  for (const auto& client : clients) {
    ASSERT_EQ(client->line(), "77\n");
  }
  EXPECT_EQ(bench.clients(), 300U);
  clients.clear();
  EXPECT_TRUE(wait_for_clients(bench, 0));
}

TEST(SocketWire, LargeBlockArrivesWhole) {
  BenchServer bench;
  Client client(bench.port("scope"));
  client.query("WAV:POIN 20000000;*OPC?");
  ASSERT_TRUE(client.send("CURVE?\n"));
  const std::string answer = client.receive(10 + 20000000 + 1);
  ASSERT_EQ(answer.size(), 20000011U);
  EXPECT_EQ(answer.substr(0, 10), "#820000000");
  EXPECT_EQ(answer.back(), '\n');
  EXPECT_EQ(answer.find('\n'), answer.size() - 1);
}

TEST(SocketWire, ClientThatSendsWithoutReadingIsStoppedByTcpAndHarmsNobody) {
  BenchServer bench;
  Client greedy(bench.port("scope"), 4096);
  greedy.query("WAV:POIN 1000000;*OPC?");
  std::string flood;
  for (int i = 0; i < 10000; ++i) {
    flood += "CURVE?\n";
  }
  // Sends until TCP takes nothing more; were the bench reading on, this would never end.
  bool stopped = false;
  for (int i = 0; i < 10000 && !stopped; ++i) {
    std::string_view rest = flood;
    while (!rest.empty()) {
      const ssize_t sent =
          ::send(greedy.fd(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      ASSERT_EQ(errno, EAGAIN);
      pollfd writable{greedy.fd(), POLLOUT, 0};
      if (::poll(&writable, 1, 500) == 0) {
        stopped = true;
        break;
      }
    }
  }
  EXPECT_TRUE(stopped);
  EXPECT_EQ(Client(bench.port("scope")).query("*OPC?"), "1\n") << "others are served";
  EXPECT_EQ(greedy.receive(9 + 1000000 + 1).size(), 1000010U) << "and it still gets its data";
}

TEST(SocketWire, HugeLineIsRefusedAndTheConnectionGoesOn) {
  BenchServer bench;
  Client client(bench.port("dmm"));
  const std::string chunk(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(client.send(chunk));
  }
  ASSERT_TRUE(client.send("\n"));
  EXPECT_EQ(client.query("SYST:ERR?"), "-363,\"Input buffer overrun\"\n");
}

TEST(SocketWire, ClientMayCloseInTheMiddleOfAnAnswer) {
  BenchServer bench;
  for (int i = 0; i < 20; ++i) {
    Client client(bench.port("scope"), 4096);
    ASSERT_TRUE(client.send("WAV:POIN 4000000\nCURVE?\nCURVE?\n"));
    EXPECT_EQ(client.receive(1000).size(), 1000U);
  }
  EXPECT_TRUE(wait_for_clients(bench, 0));
  EXPECT_EQ(Client(bench.port("scope")).query("*OPC?"), "1\n");
}

TEST(SocketWire, ClientMayFinishSendingAndThenRead) {
  BenchServer bench;
  Client client(bench.port("scope"));
  ASSERT_TRUE(client.send("WAV:POIN 5000000\nCURVE?\n*OPC?\n"));
  client.finish_sending();
  EXPECT_EQ(client.receive(9 + 5000000 + 1).size(), 5000010U);
  EXPECT_EQ(client.line(), "1\n");
  EXPECT_TRUE(client.closed());
}

TEST(SocketWire, AnswerThatTakesTimeIsSentWhenItIsDue) {
  BenchServer bench;
  Client client(bench.port("pyvisa"));
  ASSERT_TRUE(client.send("RCVSLOWSRQ\nslow\n"));
  const auto start = Clock::now();
  ASSERT_TRUE(client.send("SENDSLOWSRQ\n"));
  EXPECT_EQ(client.line(), "slow\n");
  const auto taken = Clock::now() - start;
  EXPECT_GE(taken, std::chrono::milliseconds(290));
  EXPECT_LT(taken, std::chrono::milliseconds(2000));
}

TEST(SocketWire, ClientMayLeaveBeforeItsSlowAnswerIsDue) {
  BenchServer bench;
  ASSERT_TRUE(Client(bench.port("pyvisa")).send("SENDSLOWSRQ\n"));
  EXPECT_TRUE(wait_for_clients(bench, 0));
  Client next(bench.port("pyvisa"));
  EXPECT_NE(next.query("*IDN?").find("Keysight "), std::string::npos);
}

TEST(BenchServer, DestructorClosesEveryConnection) {
  auto bench = std::make_unique<BenchServer>();
  Client client(bench->port("dmm"));
  EXPECT_EQ(client.query("*OPC?"), "1\n");
  const std::uint16_t port = bench->port("dmm");
  bench.reset();
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(Client(port).connected());
}

TEST(BenchServer, TaskRunsOnTheBenchThread) {
  BenchServer bench;
  std::thread::id where;
  bench.on_bench_thread([&where](Bench&) { where = std::this_thread::get_id(); });
  EXPECT_NE(where, std::thread::id());
  EXPECT_NE(where, std::this_thread::get_id());
}

}  // namespace
}  // namespace visa::sim
