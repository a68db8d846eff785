// SPDX-License-Identifier: MIT
// What people and programs see of a call.
#include "tools/freevisa/trace/trace_view.h"

#include <gtest/gtest.h>

namespace visa::tool {
namespace {

TracedCall read_call() {
  TracedCall call;
  call.begin = 2500000;
  call.process = 7;
  call.thread = 7;
  call.session = "dmm";
  call.function = "viRead";
  call.in = {{"vi", "2"}};
  call.out = {{"retCnt", "1"}};
  call.status = "VI_SUCCESS";
  call.milliseconds = 1.5;
  WireOperation wire;
  wire.time = 2501000;
  wire.took = 1000;
  wire.resource = "TCPIP0::a::5025::SOCKET";
  wire.direction = '<';
  wire.name = "read";
  wire.size = 2;
  wire.data = "A\n";
  call.wire = {wire};
  return call;
}

TEST(TraceView, PatternsKnowStarsAndNoCapitals) {
  EXPECT_TRUE(matches_pattern("viread*", "viRead"));
  EXPECT_TRUE(matches_pattern("*SOCKET", "TCPIP0::a::5025::SOCKET"));
  EXPECT_TRUE(matches_pattern("a*b*c", "aXbXbYc"));
  EXPECT_TRUE(matches_pattern("*", ""));
  EXPECT_FALSE(matches_pattern("viRead", "viReadSTB"));
  EXPECT_FALSE(matches_pattern("a*b", "ac"));
  EXPECT_FALSE(matches_pattern("", "a"));
}

TEST(TraceView, FilterChoosesByFunctionSessionFailureAndTime) {
  const TracedCall call = read_call();
  TraceFilter filter;
  EXPECT_TRUE(filter.wants(call));
  filter.functions = {"viWrite", "viRead"};
  filter.sessions = {"*::SOCKET"};  // by the wire
  EXPECT_TRUE(filter.wants(call));
  filter.sessions = {"scope"};
  EXPECT_FALSE(filter.wants(call));
  filter = {};
  filter.failed = true;
  EXPECT_FALSE(filter.wants(call));
  filter = {};
  filter.slow = 2;
  EXPECT_FALSE(filter.wants(call));
  TracedCall waiting = call;
  waiting.status.clear();
  EXPECT_TRUE(filter.wants(waiting));
}

TEST(TraceView, BytesAreTextWhereTheyAreAndBounded) {
  EXPECT_EQ(shown_bytes("*IDN?\n", 6), "\"*IDN?\\n\"");
  EXPECT_EQ(shown_bytes("a\"b\\", 4), "\"a\\\"b\\\\\"");
  EXPECT_EQ(shown_bytes(std::string("\0\1\xff", 3), 3), "00 01 FF");
  EXPECT_EQ(shown_bytes(std::string(1000, 'x'), 5000), "\"" + std::string(64, 'x') + "\"...");
  EXPECT_LT(shown_bytes(std::string(1000, '\1'), 1000).size(), 100u);
}

TEST(TraceView, TextHasTimeSessionStatusAndWire) {
  TraceText text(nullptr);
  EXPECT_EQ(text.call(read_call()),
            "   0.000000 dmm viRead(vi=2) = VI_SUCCESS retCnt=1  1.500 ms\n"
            "            < read 2 bytes \"A\\n\"  1.000 ms");
  TracedCall failed = read_call();
  failed.thread = 8;
  failed.begin += 1000000;
  failed.wire.clear();
  failed.status = "VI_ERROR_TMO";
  failed.detail = "nobody \x1b[2J";
  const std::string shown = text.call(failed);
  EXPECT_NE(shown.find("   1.000000 [2] dmm viRead"), std::string::npos) << shown;
  EXPECT_EQ(shown.find('\x1b'), std::string::npos) << "an instrument reaches no terminal";
}

TEST(TraceView, JsonHasEverything) {
  EXPECT_EQ(trace_json(read_call(), 2000000),
            R"({"type":"call","t":0.5,"process":7,"thread":7,"session":"dmm","function":"viRead",)"
            R"("in":{"vi":"2"},"status":"VI_SUCCESS","out":{"retCnt":"1"},"ms":1.5,)"
            R"("wire":[{"t":0.5,"resource":"TCPIP0::a::5025::SOCKET","operation":"read",)"
            R"("direction":"received","bytes":2,"hex":"410A","ms":1}]})");
}

TEST(TraceView, DurationsHaveTheirUnit) {
  EXPECT_EQ(shown_duration(0.034), "34 us");
  EXPECT_EQ(shown_duration(12.5), "12.500 ms");
  EXPECT_EQ(shown_duration(2000), "2.000 s");
}

}  // namespace
}  // namespace visa::tool
