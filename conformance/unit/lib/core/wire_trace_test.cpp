// SPDX-License-Identifier: MIT
// What the trace says of the wire: data both ways, bounded, without secrets.
#include "lib/core/wire_trace.h"

#include <gtest/gtest.h>

#include <memory>
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

/// The lines of an operation that goes as a channel tells of it.
std::vector<std::string> lines_of(WireTrace& trace, const WireRecord& record) {
  if (record.operation == "write") trace.sending(record.data, record.whole);
  return trace.lines_of(record);
}

/// The line of an operation, which is the last.
std::string line_of(WireTrace& trace, const WireRecord& record) {
  return lines_of(trace, record).back();
}

TEST(WireTrace, LineShowsDirectionFiguresTextMarkAndTime) {
  WireTrace trace("TCPIP0::scope::5025::SOCKET");
  EXPECT_EQ(line_of(trace, sent("*IDN?\n")),
            "TCPIP0::scope::5025::SOCKET > write 6 bytes 2A 49 44 4E 3F 0A \"*IDN?.\" END "
            "(0.001500 s)");
  EXPECT_EQ(line_of(trace, {.operation = "read",
                            .direction = Direction::received,
                            .status = Status::error_tmo,
                            .time = 2s}),
            "TCPIP0::scope::5025::SOCKET < read 0 bytes VI_ERROR_TMO (2.000000 s)");
  EXPECT_EQ(line_of(trace, {.operation = "clear", .direction = Direction::sent}),
            "TCPIP0::scope::5025::SOCKET > clear (0.000000 s)");
}

TEST(WireTrace, LargeDataIsShownByItsBeginning) {
  WireTrace trace("r");
  const std::string waveform(1'000'000, 'w');
  const auto line = line_of(trace, {.operation = "read",
                                    .direction = Direction::received,
                                    .data = bytes(waveform),
                                    .mark = "END"});
  EXPECT_NE(line.find("1000000 bytes"), std::string::npos);
  EXPECT_NE(line.find("\"... END"), std::string::npos);
  EXPECT_LT(line.size(), 400u);
}

TEST(WireTrace, SecretsAreHiddenAsTextAndAsFigures) {
  WireTrace trace("r");
  const auto line = line_of(trace, sent(":SYST:PASS:CEN \"geheim\";*IDN?\n"));
  EXPECT_EQ(line.find("geheim"), std::string::npos);
  EXPECT_EQ(line.find("67 65 68"), std::string::npos);
  EXPECT_NE(line.find("PASS:CEN "), std::string::npos);
  EXPECT_NE(line.find(";*IDN?"), std::string::npos);
  for (const auto* header : {"SYSTem:COMMunicate:LAN:WLAN:PSK", "lan:password", "USER:PWD"}) {
    EXPECT_EQ(line_of(trace, sent(std::string(header) + " hunter2")).find("hunter2"),
              std::string::npos)
        << header;
  }
  EXPECT_NE(line_of(trace, sent("VOLT 1.25")).find("1.25"), std::string::npos);
}

TEST(WireTrace, SecretMayComeInSeveralPieces) {
  WireTrace trace("r");
  line_of(trace, sent("SYST:PA", false));
  EXPECT_EQ(line_of(trace, sent("SS:CEN hun", false)).find("hun"), std::string::npos);
  EXPECT_EQ(line_of(trace, sent("ter2", true)).find("ter2"), std::string::npos);
  EXPECT_NE(line_of(trace, sent("*OPC?")).find("*OPC?"), std::string::npos);
}

TEST(WireTrace, WholeDataStandsInLinesBeforeTheOperation) {
  WireTrace trace("r", WireDetail::whole);
  const auto lines = lines_of(trace, sent(std::string(WireTrace::kPiece, 'A') + "\n"));
  ASSERT_EQ(lines.size(), 3u);
  const auto begin = lines[0].substr(0, lines[0].find('+') + 2);  // "r #1 + "
  EXPECT_EQ(begin.substr(0, 3), "r #");
  EXPECT_EQ(lines[0].size(), begin.size() + 2 * WireTrace::kPiece);
  EXPECT_EQ(lines[0].substr(begin.size(), 4), "4141");
  EXPECT_EQ(lines[1], begin + "0A");
  EXPECT_EQ(lines[2], begin.substr(0, begin.size() - 2) + "> write 16385 bytes END (0.001500 s)");
}

TEST(WireTrace, WholeDataHidesSecretsSoThatTheyAreSeenAsHidden) {
  WireTrace trace("r", WireDetail::whole);
  const auto lines = lines_of(trace, sent("L:PSK *ab\n"));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].substr(lines[0].find('+') + 2), "4C3A50534B20******0A");
}

WireRecord received(std::string_view text, std::string_view mark = "END") {
  return {.operation = "read", .direction = Direction::received, .data = bytes(text), .mark = mark};
}

TEST(WireTrace, AnswerThatIsAPasswordIsHidden) {
  WireTrace trace("r", WireDetail::whole);
  line_of(trace, sent("SYST:COMM:LAN:PASS?\n"));
  EXPECT_NE(lines_of(trace, received("\"ge", "count"))[0].find(" + ******"), std::string::npos);
  EXPECT_NE(lines_of(trace, received("\"\n"))[0].find(" + **0A"), std::string::npos);
  line_of(trace, sent("*OPC?\n"));
  EXPECT_NE(lines_of(trace, received("1\n"))[0].find(" + 310A"), std::string::npos);
  WireTrace usual("r");
  line_of(usual, sent("WLAN:PSK?\n"));
  EXPECT_EQ(line_of(usual, received("geheim\n")).find("geheim"), std::string::npos);
  // A stream's clear throws away what has come; the answer may come after it.
  line_of(usual, sent("WLAN:PSK?\n"));
  usual.seen({.operation = "clear", .direction = Direction::sent, .whole = false});
  EXPECT_EQ(line_of(usual, received("geheim\n")).find("geheim"), std::string::npos);
  usual.seen({.operation = "clear", .direction = Direction::sent});
  EXPECT_NE(line_of(usual, received("hello\n")).find("hello"), std::string::npos);
}

TEST(WireTrace, SecretsAreKnownToTheLinesOfTheCallsWithoutTheWire) {
  const auto secrets = std::make_shared<MessageSecrets>();
  WireTrace trace("r", WireDetail::none, secrets);
  const auto question = sent("SYST:PASS?\n");
  trace.sending(question.data, true);
  trace.seen(question);
  trace.seen(received("geheim\n"));
  EXPECT_EQ(secrets->hidden(), 1u);
  const auto next = sent("*IDN?\n");
  trace.sending(next.data, true);
  trace.seen(next);
  trace.seen(received("maker\n"));
  EXPECT_EQ(secrets->hidden(), 1u);
}

TEST(WireTrace, AnswerThatComesBeforeTheEndOfItsQuestionIsHidden) {
  WireTrace trace("r");
  const auto question = sent("SYST:PASS?\n");
  trace.sending(question.data, true);
  EXPECT_EQ(line_of(trace, received("geheim\n")).find("geheim"), std::string::npos);
  EXPECT_NE(trace.lines_of(question).back().find("SYST:PASS?"), std::string::npos);
}

TEST(WireTrace, OfAMessageThatIsCutShortTheRestIsHidden) {
  WireTrace trace("r");
  const auto all = sent("LAN:PSK geheim");
  trace.sending(all.data, true);
  auto part = all;
  part.data = all.data.first(10);
  EXPECT_NE(trace.lines_of(part).back().find("\"LAN:PSK **\""), std::string::npos);
  EXPECT_NE(line_of(trace, sent("heim")).find("\"****\""), std::string::npos);
}

TEST(WireTrace, AMessageThatWasNotLookedAtIsHidden) {
  WireTrace trace("r");
  EXPECT_NE(trace.lines_of(sent("*IDN?")).back().find("\"*****\""), std::string::npos);
}

TEST(WireTrace, WholeOperationTellsHowLongAgoItBegan) {
  WireTrace trace("r", WireDetail::whole);
  auto record = sent("a");
  record.begin = std::chrono::steady_clock::now() - 2h;
  const auto line = line_of(trace, record);
  EXPECT_NE(line.find(" (0.001500 s, 720"), std::string::npos) << line;
  WireTrace usual("r");
  EXPECT_NE(line_of(usual, record).find(" (0.001500 s)"), std::string::npos);
}

TEST(WireTrace, SessionsOfOneResourceAreToldApartWhereDataIsWhole) {
  WireTrace one("r", WireDetail::whole);
  WireTrace two("r", WireDetail::whole);
  EXPECT_NE(line_of(one, sent("a")), line_of(two, sent("a")));
}

}  // namespace
}  // namespace visa::core
