// SPDX-License-Identifier: MIT
#include "tools/sim/engine/message_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace visa::sim {
namespace {

using Kind = MessageReader::Kind;

std::vector<std::string> messages(MessageReader& reader, std::string_view input, bool end = false) {
  std::vector<std::string> found;
  while (!input.empty()) {
    const auto step = reader.next(input, end);
    if (step.kind == Kind::message) {
      found.emplace_back(step.text);
    } else if (step.kind == Kind::too_long) {
      found.emplace_back("<too long>");
    }
  }
  return found;
}

using Strings = std::vector<std::string>;

TEST(MessageReader, CutsAtEachLineFeed) {
  InputBudget budget;
  MessageReader reader({}, budget);
  EXPECT_EQ(messages(reader, "*IDN?\n*RST\n\nA"), (Strings{"*IDN?\n", "*RST\n", "\n"}));
  EXPECT_TRUE(reader.partial());
  EXPECT_EQ(messages(reader, "BC\n"), (Strings{"ABC\n"}));
  EXPECT_FALSE(reader.partial());
}

TEST(MessageReader, MessagesMayEndByAnotherCharacter) {
  InputBudget budget;
  Framing framing;
  framing.terminator = '\r';
  MessageReader reader(framing, budget);
  EXPECT_EQ(messages(reader, "A?\rB \"x\"\n#12\r\r,\rC"), (Strings{"A?\r", "B \"x\"\n#12\r\r,\r"}));
  EXPECT_TRUE(reader.partial());
}

TEST(MessageReader, LineFeedInADefiniteBlockIsDataHoweverTheBytesAreCut) {
  const std::string message = "DATA #15a\nb\nc,2\n*IDN?\n";
  for (std::size_t cut = 1; cut < message.size(); ++cut) {
    InputBudget budget;
    MessageReader reader({}, budget);
    Strings found = messages(reader, message.substr(0, cut));
    for (auto& more : messages(reader, message.substr(cut))) {
      found.push_back(more);
    }
    EXPECT_EQ(found, (Strings{"DATA #15a\nb\nc,2\n", "*IDN?\n"})) << "cut at " << cut;
  }
}

TEST(MessageReader, EndAloneEndsAMessageThatHasBegun) {
  InputBudget budget;
  MessageReader reader({}, budget);
  std::string_view none;
  EXPECT_EQ(reader.next(none, true).kind, Kind::need_more) << "none has";
  EXPECT_EQ(messages(reader, "*IDN?"), Strings{});
  EXPECT_EQ(reader.next(none, false).kind, Kind::need_more);
  const auto step = reader.next(none, true);
  EXPECT_EQ(step.kind, Kind::message);
  EXPECT_EQ(step.text, "*IDN?");
  EXPECT_FALSE(reader.partial());
  MessageReader lines({.end_terminates = false}, budget);
  EXPECT_EQ(messages(lines, "RECEIVE"), Strings{});
  EXPECT_EQ(lines.next(none, true).kind, Kind::need_more);
  EXPECT_TRUE(lines.partial());
}

TEST(MessageReader, HashInAStringOrANumberIsNoBlock) {
  InputBudget budget;
  MessageReader reader({}, budget);
  EXPECT_EQ(messages(reader, "TEXT '#19'\nA #HFF\nB \"#12\"\n#0ab\nC\n"),
            (Strings{"TEXT '#19'\n", "A #HFF\n", "B \"#12\"\n", "#0ab\n", "C\n"}));
}

TEST(MessageReader, InstrumentWithoutBlocksCutsAtEveryLineFeed) {
  InputBudget budget;
  MessageReader reader({.definite_blocks = false, .end_terminates = false}, budget);
  EXPECT_EQ(messages(reader, "#15a\nb\n"), (Strings{"#15a\n", "b\n"}));
}

TEST(MessageReader, EndOfTheWireEndsAMessageWhereTheInstrumentSaysSo) {
  InputBudget budget;
  MessageReader scpi({}, budget);
  EXPECT_EQ(messages(scpi, "*IDN?", true), (Strings{"*IDN?"}));
  MessageReader lines({.definite_blocks = false, .end_terminates = false}, budget);
  EXPECT_EQ(messages(lines, "test\r", true), Strings{});
  EXPECT_EQ(messages(lines, "\r", true), Strings{});
  EXPECT_EQ(messages(lines, "\n", true), (Strings{"test\r\r\n"}));
}

TEST(MessageReader, LineLongerThanTheLimitIsSwallowedAndReportedOnce) {
  InputBudget budget;
  MessageReader reader({.limit = 10}, budget);
  EXPECT_EQ(messages(reader, "123456789\n"), (Strings{"123456789\n"}));
  EXPECT_EQ(messages(reader, "1234567890\nA\n"), (Strings{"<too long>", "A\n"}));
  EXPECT_EQ(messages(reader, "12345678"), Strings{});
  EXPECT_EQ(messages(reader, "12345678"), Strings{});
  EXPECT_EQ(messages(reader, "12345678\nB\n"), (Strings{"<too long>", "B\n"}));
}

TEST(MessageReader, HugeBlockIsCountedAndNotStored) {
  InputBudget budget;
  MessageReader reader({}, budget);
  const std::string chunk(1 << 20, '\n');
  EXPECT_EQ(messages(reader, "DATA #9104857600"), Strings{});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(messages(reader, chunk), Strings{}) << "the line feeds are data";
    EXPECT_LE(budget.used(), 4U << 20);
  }
  EXPECT_EQ(messages(reader, "\n*IDN?\n"), (Strings{"<too long>", "*IDN?\n"}));
  EXPECT_EQ(budget.used(), 0U);
}

TEST(MessageReader, BudgetSharedByTheLinksOfAnInstrumentBoundsThemTogether) {
  InputBudget budget(1 << 20);
  MessageReader first({}, budget);
  MessageReader second({}, budget);
  const std::string half(400 << 10, 'x');
  EXPECT_EQ(messages(first, half), Strings{});
  EXPECT_EQ(messages(second, half), Strings{});
  EXPECT_LE(budget.used(), 1U << 20);
  EXPECT_EQ(messages(first, "\n"), (Strings{half + "\n"}));
  EXPECT_EQ(messages(second, "\n"), (Strings{"<too long>"}));
  EXPECT_EQ(messages(first, "A\n"), (Strings{"A\n"}));
  EXPECT_EQ(budget.used(), 0U);
}

TEST(MessageReader, ClearForgetsAnUnfinishedMessage) {
  InputBudget budget;
  MessageReader reader({}, budget);
  EXPECT_EQ(messages(reader, "DATA #3100abc"), Strings{});
  reader.clear();
  EXPECT_FALSE(reader.partial());
  EXPECT_EQ(messages(reader, "*RST\n"), (Strings{"*RST\n"}));
}

}  // namespace
}  // namespace visa::sim
