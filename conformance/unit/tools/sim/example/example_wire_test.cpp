// SPDX-License-Identifier: MIT
// A wire that the bench has never heard of: served, described, disturbed and announced like those
// that are built in, with nothing but its folder and its place in a list.
#include "conformance/unit/tools/sim/example/example_wire.h"

#include <gmock/gmock.h>

#include <array>

#include "conformance/unit/tools/sim/socket/client.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

constexpr std::string_view kFile = "[instrument]\nname = \"own\"\nidentity = \"A,B,1,1\"\n";

WireKinds wires() {
  static const std::array<const WireKind*, 3> kWires = {builtin_wires()[0], builtin_wires()[1],
                                                        &example_wire_kind()};
  return kWires;
}

std::string mistakes(std::string_view rest, WireKinds kinds) {
  try {
    static_cast<void>(read_description(std::string(kFile) + std::string(rest), "own.toml", kinds));
  } catch (const DescriptionError& error) {
    return error.what();
  }
  return {};
}

class ExampleWireTest : public ::testing::Test {
 protected:
  BenchServer bench{
      {.instruments = {"dmm"},
       .described = {read_description(std::string(kFile) + "[example]\ngreeting = \"hello\"\n",
                                      "own.toml", wires())},
       .wires = {"socket", "example"},
       .wire_kinds = wires()}};

  static std::string frame(std::string_view text) {
    return static_cast<char>(text.size()) + std::string(text);
  }
  // The answer as it comes, with the byte before it.
  static std::string ask(Client& client, std::string_view question, std::size_t length) {
    EXPECT_TRUE(client.send(frame(question)));
    return client.receive(length + 1);
  }
  std::string control(const std::string& request) {
    std::string answer;
    bench.on_bench_thread([&](Bench& one) { answer = execute_control(one, request); });
    return answer;
  }
};

TEST_F(ExampleWireTest, ServesEveryInstrumentBesideTheOthers) {
  EXPECT_EQ(bench.resource("own-example"), "EXAMPLE0::127.0.0.1::INSTR");
  EXPECT_THAT(bench.resource("own"), HasSubstr("::SOCKET"));
  EXPECT_THAT(bench.configuration(), HasSubstr("alias = \"own-example\"\ntransport = { port = " +
                                               std::to_string(bench.port("own-example")) + " }"));
  Client client(bench.port("dmm-example"));
  EXPECT_EQ(ask(client, "*OPC?", 2), frame("1\n"));
  EXPECT_EQ(bench.clients(), 1U);
}

TEST_F(ExampleWireTest, ReadsItsTable) {
  Client client(bench.port("own-example"));
  EXPECT_EQ(client.receive(6), frame("hello"));
  EXPECT_THAT(mistakes("[example]\ngreeting = 5\n", wires()),
              HasSubstr("own.toml:5:1: [example]: greeting: expected a string"));
  EXPECT_THAT(mistakes("[example]\ngreetings = \"x\"\n", wires()),
              HasSubstr("[example]: unknown key 'greetings', expected one of greeting"));
  EXPECT_THAT(mistakes("[example]\n", builtin_wires()), HasSubstr("unknown key 'example'"));
}

TEST_F(ExampleWireTest, MeetsItsFaultAndThoseOfAnswers) {
  Client client(bench.port("dmm-example"));
  EXPECT_THAT(control(R"({"op":"fault_on","instrument":"dmm","kind":"example-length",)"
                      R"("procedure":"ask","length":7,"count":1})"),
              HasSubstr("\"ok\":true"));
  EXPECT_EQ(ask(client, "*OPC?", 2), std::string("\7") + "1\n");
  EXPECT_THAT(control(R"({"op":"faults"})"), HasSubstr("\"kind\":\"example-length\""));
  EXPECT_EQ(ask(client, "*OPC?", 2), frame("1\n")) << "for one reply";
  control(R"({"op":"fault_on","instrument":"dmm","kind":"late","ms":1,"count":1})");
  EXPECT_EQ(ask(client, "*OPC?", 2), frame("1\n"));
  EXPECT_THAT(mistakes("[[fault]]\nkind = \"example-length\"\nprocedure = \"ask\"\n", wires()), "");
}

TEST_F(ExampleWireTest, RequestsServiceAndIsPolled) {
  Client client(bench.port("dmm-example"));
  const std::string request = "\xFF";
  ASSERT_TRUE(client.send(frame("*CLS;*ESE 1;*SRE 32;*OPC")));
  EXPECT_EQ(client.receive(1), request);
  EXPECT_EQ(ask(client, "", 1), frame("\x60"));
  EXPECT_EQ(ask(client, "", 1), frame("\x20")) << "the poll ended the request";
  control(R"({"op":"fault_on","instrument":"dmm","kind":"example-lost","count":1})");
  EXPECT_EQ(ask(client, "*ESR?;*OPC", 2), frame("1\n")) << "and no request before it";
  EXPECT_EQ(ask(client, "", 1), frame("\x60")) << "the instrument requests all the same";
}

TEST_F(ExampleWireTest, ItsFaultsAreUnknownWithoutIt) {
  EXPECT_THAT(mistakes("[[fault]]\nkind = \"example-length\"\n", builtin_wires()),
              HasSubstr("expected one of"));
  EXPECT_THAT(control(R"({"op":"fault_on","instrument":"dmm","kind":"fire"})"),
              HasSubstr("srq-lost, example-length, example-lost"));
  EXPECT_THAT(control(R"({"op":"fault_on","instrument":"dmm","kind":"late","procedure":"beg"})"),
              HasSubstr("procedure: expected a name"));
}

TEST_F(ExampleWireTest, IsAnnouncedAndRemarked) {
  bench.on_bench_thread([](Bench& one) {
    const auto services = one.services("bench.local");
    ASSERT_EQ(services.size(), 6U);
    EXPECT_EQ(services[2].type, "_example._tcp");
    EXPECT_EQ(services[2].instance, services[0].instance);
    EXPECT_EQ(one.remarks(), std::vector<std::string>{"example open"});
    one.start();
    EXPECT_EQ(one.remarks(), std::vector<std::string>{"example started"});
  });
}

TEST(ExampleWire, SettingsLeaveItOut) {
  Bench bench(wires());
  bench.open_all({.options = {{"--no-example", ""}, {"--no-vxi11", ""}}});
  EXPECT_EQ(bench.server("example"), nullptr);
  EXPECT_EQ(bench.server("vxi11"), nullptr);
  EXPECT_NE(bench.server("socket"), nullptr);
  EXPECT_THROW(bench.open("carrier pigeon"), std::invalid_argument);
  Bench closed(wires());
  EXPECT_THROW(closed.serve(read_description(kFile, "own.toml"), 0), std::logic_error);
}

TEST(WireSettings, NumbersAreCheckedByWhoAsksForThem) {
  const WireSettings settings{.options = {{"--n", "12"}, {"--word", "x"}}};
  EXPECT_EQ(settings.number("--n", 12), 12U);
  EXPECT_EQ(settings.number("--m", 12), 0U);
  EXPECT_THROW(settings.number("--n", 11), std::invalid_argument);
  try {
    settings.number("--word", 20);
    ADD_FAILURE() << "a word is no number";
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "option --word takes a number from 0 to 20, not 'x'");
  }
}

}  // namespace
}  // namespace visa::sim
