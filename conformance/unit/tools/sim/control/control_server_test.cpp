// SPDX-License-Identifier: MIT
// The control socket and its operations, beside clients of the instruments.
#include "tools/sim/control/control_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/un.h>

#include <memory>
#include <string>

#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

class ControlServerTest : public ::testing::Test {
 protected:
  ControlServerTest() {
    server.on_bench_thread([this](Bench& bench) {
      control = std::make_unique<ControlServer>(bench, "0");
      port = control->port();
    });
  }
  ~ControlServerTest() override {
    server.on_bench_thread([this](Bench&) { control.reset(); });
  }
  std::string request(const std::string& line) {
    Client client(port);
    return client.query(line);
  }
  BenchServer server{{.instruments = {"dmm", "psu", "pyvisa"}}};
  std::unique_ptr<ControlServer> control;
  std::uint16_t port = 0;
};

TEST_F(ControlServerTest, ListsInstrumentsAndClients) {
  Client dmm(server.port("dmm"));
  dmm.query("*IDN?");
  EXPECT_THAT(request("{\"op\":\"instruments\",\"id\":7}"),
              testing::AllOf(testing::StartsWith("{\"id\":7,\"ok\":true,\"instruments\":["),
                             HasSubstr("{\"instrument\":\"dmm\",\"resource\":\"" +
                                       server.resource("dmm") + "\",\"clients\":1}")));
  EXPECT_THAT(request("{\"op\":\"clients\",\"instrument\":\"dmm\"}"),
              HasSubstr("{\"instrument\":\"dmm\",\"client\":1,\"peer\":\"127.0.0.1:"));
}

TEST_F(ControlServerTest, SwitchesFaultsOnAndOff) {
  Client dmm(server.port("dmm"));
  EXPECT_EQ(request(R"({"op":"fault_on","instrument":"dmm","kind":"truncate","bytes":2})"),
            "{\"ok\":true,\"fault\":1}\n");
  ASSERT_TRUE(dmm.send("*IDN?\n"));
  EXPECT_EQ(dmm.receive(2), "Fr");
  EXPECT_EQ(request(R"({"op":"faults"})"),
            "{\"ok\":true,\"faults\":[{\"instrument\":\"dmm\",\"fault\":1,\"kind\":\"truncate\","
            "\"applied\":1}]}\n");
  EXPECT_EQ(request(R"({"op":"fault_off","instrument":"dmm","fault":1})"),
            "{\"ok\":true,\"removed\":1}\n");
  EXPECT_EQ(dmm.query("*OPC?"), "1\n");
}

TEST_F(ControlServerTest, StallEndsForAllWhenItIsOff) {
  Client first(server.port("dmm"));
  Client second(server.port("dmm"));
  request(R"({"op":"fault_on","instrument":"dmm","kind":"stall"})");
  ASSERT_TRUE(first.send("*OPC?\n*IDN?\n") && second.send("*ESE?\n"));
  while (request(R"({"op":"faults"})").find("\"applied\":2") == std::string::npos) {
  }
  request(R"({"op":"fault_off"})");
  EXPECT_EQ(first.line(), "1\n");
  EXPECT_THAT(first.line(), HasSubstr("Multimeter")) << "the message that waited";
  EXPECT_EQ(second.line(), "0\n");
}

TEST_F(ControlServerTest, EndlessAnswerFloodsItsClientAloneUntilItIsOff) {
  Client flooded(server.port("dmm"));
  request(R"({"op":"fault_on","instrument":"dmm","kind":"endless","count":1})");
  ASSERT_TRUE(flooded.send("*IDN?\n*OPC?\n"));
  const std::string once = "FreeVISA,Virtual Multimeter,SIM-DMM-0001,1.0\n";
  EXPECT_EQ(flooded.receive(100 * once.size()).substr(99 * once.size()), once);
  constexpr std::size_t kMuch = std::size_t{4} << 20;
  EXPECT_EQ(flooded.receive(kMuch).size(), kMuch);
  Client other(server.port("dmm"));
  EXPECT_EQ(other.query("*IDN?"), once);
  EXPECT_EQ(request(R"({"op":"fault_off"})"), "{\"ok\":true,\"removed\":1}\n");
  std::string end;  // the rest, then the answer to the second question
  std::string part(std::size_t{1} << 16, '\0');
  while (!end.ends_with("\n1\n")) {
    const ssize_t count = ::recv(flooded.fd(), part.data(), part.size(), 0);
    ASSERT_GT(count, 0);
    end.append(part, 0, static_cast<std::size_t>(count));
  }
  EXPECT_EQ(flooded.query("*OPC?"), "1\n");
}

TEST_F(ControlServerTest, DropsConnections) {
  Client dmm(server.port("dmm"));
  Client other(server.port("dmm"));
  dmm.query("*OPC?");
  other.query("*OPC?");
  EXPECT_EQ(request(R"({"op":"drop","instrument":"dmm","client":1,"reset":true})"),
            "{\"ok\":true,\"dropped\":1}\n");
  char byte = 0;
  EXPECT_EQ(::recv(dmm.fd(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, ECONNRESET);
  EXPECT_EQ(other.query("*OPC?"), "1\n");
  EXPECT_EQ(request(R"({"op":"drop"})"), "{\"ok\":true,\"dropped\":1}\n");
  EXPECT_TRUE(other.closed());
}

TEST_F(ControlServerTest, DropFaultClosesAfterItsBytes) {
  Client dmm(server.port("dmm"));
  request(R"({"op":"fault_on","instrument":"dmm","kind":"drop","bytes":4,"count":1})");
  ASSERT_TRUE(dmm.send("*IDN?\n"));
  EXPECT_EQ(dmm.receive(100), "Free");
  EXPECT_EQ(Client(server.port("dmm")).query("*OPC?"), "1\n");
}

TEST_F(ControlServerTest, LateAndSplitComeOverTheWire) {
  Client dmm(server.port("dmm"));
  request(R"({"op":"fault_on","instrument":"dmm","kind":"late","ms":80,"count":1})");
  request(R"({"op":"fault_on","instrument":"dmm","kind":"split","ms":20,"pieces":5,"count":1})");
  const auto start = Clock::now();
  EXPECT_THAT(dmm.query("*IDN?"), HasSubstr("Multimeter"));
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(80));
  EXPECT_THAT(dmm.query("*IDN?"), HasSubstr("Multimeter"));
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(160));
  EXPECT_LT(Clock::now() - start, std::chrono::milliseconds(5000));
}

TEST_F(ControlServerTest, SendsMessagesThatMeetNoFault) {
  request(R"({"op":"fault_on","instrument":"psu","kind":"stall"})");
  EXPECT_EQ(request(R"({"op":"send","instrument":"psu","text":"SOUR1:VOLT 3;VOLT?;:MEAS1:VOLT?"})"),
            "{\"ok\":true,\"answer\":\"+3.00000000E+00;+0.0000\\n\"}\n");
  EXPECT_THAT(request(R"({"op":"send","instrument":"pyvisa","text":"*IDN?"})"),
              HasSubstr("Keysight"));
}

TEST_F(ControlServerTest, WhatIsNotUnderstoodSaysWhatWasExpected) {
  const auto error = [this](const std::string& line) { return request(line); };
  EXPECT_THAT(error("{"),
              HasSubstr("{\"ok\":false,\"error\":\"expected a key in quotes at byte 2"));
  EXPECT_THAT(error("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(error("{}"), HasSubstr("expected \\\"op\\\""));
  EXPECT_THAT(error("{\"op\":\"dance\"}"), HasSubstr("op: expected instruments, clients"));
  EXPECT_THAT(error("{\"op\":1,\"id\":\"x\"}"),
              HasSubstr("{\"id\":\"x\",\"ok\":false,\"error\":\"op: expected a string"));
  EXPECT_THAT(error(R"({"op":"clients","instrument":"oven"})"), HasSubstr("instead of 'oven'"));
  EXPECT_THAT(error(R"({"op":"fault_on","kind":"late"})"),
              HasSubstr("expected \\\"instrument\\\""));
  EXPECT_THAT(error(R"({"op":"fault_on","instrument":"dmm"})"), HasSubstr("kind: expected drop"));
  EXPECT_THAT(error(R"({"op":"fault_on","instrument":"dmm","kind":"late","ms":-1})"),
              HasSubstr("ms: expected a whole number from 0 to 3600000"));
  EXPECT_THAT(error(R"({"op":"fault_on","instrument":"dmm","kind":"late","sm":1})"),
              HasSubstr("unknown key 'sm', expected id, op, instrument, kind"));
  EXPECT_THAT(error(R"({"op":"fault_off","fault":1})"), HasSubstr("expected \\\"instrument\\\""));
}

TEST_F(ControlServerTest, NumbersAreWholeHoweverTheyAreWritten) {
  const auto count = [this](const std::string& text) {
    return request(R"({"op":"fault_on","instrument":"dmm","kind":"late","count":)" + text + "}");
  };
  for (const char* const text : {"2", "2.0", "2e0", "0", "9007199254740992"}) {
    EXPECT_THAT(count(text), HasSubstr("{\"ok\":true,\"fault\":")) << text;
  }
  EXPECT_THAT(request(R"({"op":"faults"})"), HasSubstr("\"left\":9007199254740992}"));
  for (const char* const text : {"1.5", "-1", "9007199254740993.0e1", "18446744073709551615",
                                 "1e300", "1e-300", "true", "\"1\"", "null", "[1]"}) {
    EXPECT_THAT(count(text), HasSubstr("count: expected a whole number from 0 to 9007199254740992"))
        << text;
  }
}

TEST_F(ControlServerTest, JsonIsReadStrictlyAndTheIdComesBackAsItWas) {
  EXPECT_EQ(request(R"({"id":{"b":[1,2.5,null],"a":"\u00e4"},"op":"fault_off"})"),
            "{\"id\":{\"b\":[1,2.5,null],\"a\":\"\xC3\xA4\"},\"ok\":true,\"removed\":0}\n");
  const std::vector<std::pair<std::string, std::string>> refused = {
      {R"({"op":"faults","op":"faults"})", "expected each key once"},
      {R"({"op":"faults"} {})", "expected the end of the line at byte 17"},
      {std::string("{\"op\":\"faults\"}\0x", 18), "expected the end of the line at byte 16"},
      {R"({"op":"faults",})", "expected a key in quotes at byte 16"},
      {R"({"op":"faults","id":)" + std::string(20, '[') + std::string(20, ']') + "}",
       "expected values that are nested at most 16 deep"},
      {"{\"op\":\"\xFF\"}", "expected JSON (invalid string: ill-formed UTF-8 byte) at byte"},
      {R"({"op":"faults","id":1e999})", "expected a number that is not so large at byte"},
      {"{\"op\":\"" + std::string(59, 'x') + "\xC3\xA4\"}", "x\xEF\xBF\xBD'"},
  };
  for (const auto& [line, error] : refused) {
    const std::string answer = request(line);
    EXPECT_EQ(answer.find("{\"ok\":false,\"error\":\""), 0U) << answer;
    EXPECT_THAT(answer, HasSubstr(error));
  }
}

TEST_F(ControlServerTest, SeveralRequestsInOnePieceAreAnsweredInOrder) {
  Client client(port);
  ASSERT_TRUE(client.send("{\"op\":\"faults\",\"id\":1}\n{\"op\":\"faults\",\"id\":2}\n"));
  EXPECT_THAT(client.line(), HasSubstr("\"id\":1"));
  EXPECT_THAT(client.line(), HasSubstr("\"id\":2"));
}

TEST_F(ControlServerTest, LineThatIsTooLongEndsTheConnection) {
  Client client(port);
  client.send(std::string(1 << 20, 'x'));  // it may be closed before all is sent
  EXPECT_THAT(client.line() + "", testing::AnyOf("", HasSubstr("at most 65536 bytes")));
  EXPECT_TRUE(client.closed());
  EXPECT_THAT(request("{\"op\":\"faults\"}"), HasSubstr("true"));
}

TEST_F(ControlServerTest, ClientsAreBounded) {
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < ControlServer::kMostClients + 5; ++i) {
    clients.push_back(std::make_unique<Client>(port));
    clients.back()->send("{\"op\":\"faults\"}\n");
  }
  EXPECT_THAT(clients.front()->line(), HasSubstr("true"));
  EXPECT_TRUE(clients.back()->closed());
}

TEST(ControlAddress, UnixSocketIsTheOwnersAndGoesWithTheServer) {
  const std::string path = ::testing::TempDir() + "/ctl" + std::to_string(::getpid());
  Bench bench;
  {
    ControlServer control(bench, "unix:" + path);
    EXPECT_EQ(control.address(), "unix:" + path);
    EXPECT_THROW(ControlServer(bench, "unix:" + path), std::system_error) << "somebody serves it";
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
  {  // left behind by a bench that was killed
    FileDescriptor left(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(left.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  }
  ControlServer again(bench, "unix:" + path);
}

TEST(ControlAddress, FormsAreChecked) {
  Bench bench;
  EXPECT_EQ(ControlServer(bench, "0").address().find("127.0.0.1:"), 0U);
  EXPECT_NO_THROW(ControlServer(bench, "127.0.0.1:0"));
  for (const char* const wrong :
       {"", "x", "127.0.0.1", ":5", "127.0.0.1:99999", "::1:5", "unix:"}) {
    EXPECT_THROW(ControlServer(bench, wrong), std::invalid_argument) << wrong;
  }
  EXPECT_THROW(ControlServer(bench, "localhost:0"), std::system_error);
}

}  // namespace
}  // namespace visa::sim
