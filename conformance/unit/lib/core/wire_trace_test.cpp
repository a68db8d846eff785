// SPDX-License-Identifier: MIT
// What the trace says of the wire: data both ways, bounded, without secrets.
#include "lib/core/wire_trace.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace visa::core {
namespace {

using Direction = WireRecord::Direction;
using namespace std::chrono_literals;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

WireRecord sent(std::string_view text, bool whole = true) {
  return {.operation = "write",
          .direction = Direction::sent,
          .data = bytes(text),
          .mark = whole ? "END" : "more follows",
          .whole = whole,
          .time = 1500us};
}

TEST(WireTrace, LineShowsDirectionFiguresTextMarkAndTime) {
  WireTrace trace("TCPIP0::scope::5025::SOCKET");
  EXPECT_EQ(trace.line_of(sent("*IDN?\n")),
            "TCPIP0::scope::5025::SOCKET > write 6 bytes 2A 49 44 4E 3F 0A \"*IDN?.\" END "
            "(0.001500 s)");
  EXPECT_EQ(trace.line_of({.operation = "read",
                           .direction = Direction::received,
                           .status = Status::error_tmo,
                           .time = 2s}),
            "TCPIP0::scope::5025::SOCKET < read 0 bytes VI_ERROR_TMO (2.000000 s)");
  EXPECT_EQ(trace.line_of({.operation = "clear", .direction = Direction::sent}),
            "TCPIP0::scope::5025::SOCKET > clear (0.000000 s)");
}

TEST(WireTrace, LargeDataIsShownByItsBeginning) {
  WireTrace trace("r");
  const std::string waveform(1'000'000, 'w');
  const auto line = trace.line_of({.operation = "read",
                                   .direction = Direction::received,
                                   .data = bytes(waveform),
                                   .mark = "END"});
  EXPECT_NE(line.find("1000000 bytes"), std::string::npos);
  EXPECT_NE(line.find("\"... END"), std::string::npos);
  EXPECT_LT(line.size(), 400u);
}

TEST(WireTrace, SecretsAreHiddenAsTextAndAsFigures) {
  WireTrace trace("r");
  const auto line = trace.line_of(sent(":SYST:PASS:CEN \"geheim\";*IDN?\n"));
  EXPECT_EQ(line.find("geheim"), std::string::npos);
  EXPECT_EQ(line.find("67 65 68"), std::string::npos);
  EXPECT_NE(line.find("PASS:CEN "), std::string::npos);
  EXPECT_NE(line.find(";*IDN?"), std::string::npos);
  for (const auto* header : {"SYSTem:COMMunicate:LAN:WLAN:PSK", "lan:password", "USER:PWD"}) {
    EXPECT_EQ(trace.line_of(sent(std::string(header) + " hunter2")).find("hunter2"),
              std::string::npos)
        << header;
  }
  EXPECT_NE(trace.line_of(sent("VOLT 1.25")).find("1.25"), std::string::npos);
}

TEST(WireTrace, SecretMayComeInSeveralPieces) {
  WireTrace trace("r");
  trace.line_of(sent("SYST:PA", false));
  EXPECT_EQ(trace.line_of(sent("SS:CEN hun", false)).find("hun"), std::string::npos);
  EXPECT_EQ(trace.line_of(sent("ter2", true)).find("ter2"), std::string::npos);
  EXPECT_NE(trace.line_of(sent("*OPC?")).find("*OPC?"), std::string::npos);
}

}  // namespace
}  // namespace visa::core
