// SPDX-License-Identifier: MIT
// Delays and faults of answers, without any wire. Time is what the test says: release(when).
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "conformance/unit/tools/sim/description/asking.h"
#include "tools/sim/description/described_instrument.h"
#include "tools/sim/engine/wire_kind.h"

namespace visa::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kFile = R"(
[instrument]
name = "x"
identity = "Maker,Model,0,1"
[[dialogue]]
query = "SLOW?"
answer = "slow"
delay_ms = 60000
[[command]]
header = "WAIT"
delay_ms = 60000
)";

class LinkFaultsTest : public ::testing::Test {
 protected:
  std::uint32_t on(const Fault& fault) { return instrument.faults().add(fault).value_or(0); }
  void off(std::uint32_t id) {
    EXPECT_TRUE(instrument.faults().remove(id));
    instrument.faults_changed();
  }
  // What is there `ms` after now.
  std::string later(int ms) {
    ask.link().release(Clock::now() + milliseconds(ms));
    return ask.answer();
  }
  DescribedInstrument instrument{read_description(kFile, "x.toml")};
  Asking ask{instrument};
};

TEST_F(LinkFaultsTest, NoFaultNoChange) {
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
  EXPECT_FALSE(ask.link().holding());
}

TEST_F(LinkFaultsTest, DelayOfADialogueHoldsItsAnswerAndTheNextMessage) {
  EXPECT_EQ(ask("SLOW?"), "");
  EXPECT_TRUE(ask.link().holding());
  EXPECT_EQ(ask.link().receive("*IDN?\n", false), 0U) << "a stream waits";
  ASSERT_TRUE(ask.link().due());
  EXPECT_GT(*ask.link().due(), Clock::now() + milliseconds(50000));
  EXPECT_EQ(later(59000), "");
  EXPECT_EQ(later(60001), "slow");
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, DelayOfACommandHoldsWhatFollows) {
  EXPECT_EQ(ask("*IDN?;WAIT"), "");
  EXPECT_EQ(later(60001), "Maker,Model,0,1");
  EXPECT_EQ(ask("WAIT"), "");
  EXPECT_EQ(ask.link().receive("*IDN?\n", false), 0U);
  EXPECT_EQ(later(60001), "");
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, StrictLinkIsInterruptedWhileItsAnswerIsHeld) {
  Asking strict(instrument, Exchange::strict);
  strict.send("SLOW?\n");
  strict.send("*OPC?\n");
  EXPECT_EQ(strict.answer(), "1");
  EXPECT_EQ(strict("SYST:ERR?"), "-410,\"Query INTERRUPTED\"");
  strict.send("WAIT\n");
  strict.send("*OPC?\n");
  strict.link().release(Clock::now() + milliseconds(200000));
  EXPECT_EQ(strict.answer(), "1");
  strict.send("SLOW?\n");
  strict.link().device_clear();
  EXPECT_FALSE(strict.link().holding());
  EXPECT_EQ(strict("SYST:ERR?"), "0,\"No error\"");
}

TEST_F(LinkFaultsTest, LateComesLaterAndWhole) {
  on({.kind = &kLateFault, .delay = milliseconds(30000), .count = 1});
  EXPECT_EQ(ask("*IDN?"), "");
  EXPECT_EQ(later(29000), "");
  EXPECT_EQ(later(30001), "Maker,Model,0,1");
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1") << "for one answer";
}

TEST_F(LinkFaultsTest, StallLastsUntilItIsOff) {
  const auto id = on({.kind = &kStallFault});
  EXPECT_EQ(ask("*IDN?"), "");
  EXPECT_FALSE(ask.link().due()) << "no time of its own";
  EXPECT_EQ(later(100000000), "");
  EXPECT_EQ(ask.link().receive("*OPC?\n", false), 0U);
  off(id);
  EXPECT_EQ(later(0), "Maker,Model,0,1");
  EXPECT_EQ(ask("*OPC?"), "1");
}

TEST_F(LinkFaultsTest, StallMayHaveAnEnd) {
  on({.kind = &kStallFault, .delay = milliseconds(40000), .count = 1});
  EXPECT_EQ(ask("*IDN?"), "");
  EXPECT_EQ(later(40001), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, SplitComesInPieces) {
  on({.kind = &kSplitFault, .delay = milliseconds(10000), .pieces = 4});
  std::string all = ask("*IDN?");
  EXPECT_EQ(all, "Make");
  for (int i = 1; i < 4; ++i) {
    const std::string piece = later(10000 * i + 1);
    EXPECT_EQ(piece.size(), i < 3 ? 4U : 3U);
    all += piece;
  }
  EXPECT_EQ(all, "Maker,Model,0,1");
  EXPECT_FALSE(ask.link().holding());
}

TEST_F(LinkFaultsTest, SplitIntoMorePiecesThanBytes) {
  on({.kind = &kSplitFault, .pieces = 1000});
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, TruncateLosesTheEnd) {
  on({.kind = &kTruncateFault, .bytes = 5, .count = 1});
  EXPECT_EQ(ask("*IDN?"), "Maker");
  on({.kind = &kTruncateFault, .count = 1});
  EXPECT_EQ(ask("*IDN?"), "Maker,Mo") << "half of it";
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, GarbageHasTheLengthAndMeansNothing) {
  on({.kind = &kGarbageFault, .count = 1});
  ask.send("*IDN?\n");
  const std::string garbage = ask.link().output().take(1000).bytes;
  EXPECT_EQ(garbage.size(), 16U);
  EXPECT_EQ(garbage.find('\n'), 15U);
  EXPECT_EQ(garbage.find("Maker"), std::string::npos);
  on({.kind = &kGarbageFault, .bytes = 3, .terminated = false, .count = 1});
  ask.send("*IDN?\n");
  const std::string more = ask.link().output().take(1000).bytes;
  EXPECT_EQ(more.size(), 3U);
  EXPECT_EQ(more.find('\n'), std::string::npos);
}

TEST_F(LinkFaultsTest, PreviousIsOneAnswerBehind) {
  const auto id = on({.kind = &kPreviousFault});
  EXPECT_EQ(ask("*IDN?"), "") << "kept back";
  EXPECT_EQ(ask("*OPC?"), "Maker,Model,0,1");
  EXPECT_EQ(ask("*ESR?"), "1");
  off(id);
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1") << "the one kept back is forgotten";
  on({.kind = &kPreviousFault, .count = 1});
  EXPECT_EQ(ask("*OPC?"), "");
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, DropEndsTheConnectionAfterItsBytes) {
  on({.kind = &kDropFault, .bytes = 5, .count = 1});
  EXPECT_EQ(ask("*IDN?"), "Maker");
  EXPECT_EQ(ask.link().ending(), Link::Ending::close);
  EXPECT_EQ(ask.link().receive("*OPC?\n", false), 0U);
  Asking other(instrument);
  on({.kind = &kDropFault, .reset = true});
  EXPECT_EQ(other("*IDN?"), "");
  EXPECT_EQ(other.link().ending(), Link::Ending::reset);
}

TEST_F(LinkFaultsTest, FaultMayBeForOneClientAfterSomeAnswers) {
  Asking other(instrument);
  EXPECT_EQ(ask.link().id(), 1U);
  EXPECT_EQ(other.link().id(), 2U);
  on({.kind = &kTruncateFault, .bytes = 0, .count = 2, .after = 1, .client = 2});
  EXPECT_EQ(ask("*OPC?"), "1");
  EXPECT_EQ(other("*OPC?"), "1") << "the first passes";
  EXPECT_EQ(other("*OPC?"), "");
  EXPECT_EQ(ask("*OPC?"), "1");
  EXPECT_EQ(other("*OPC?"), "");
  EXPECT_EQ(other("*OPC?"), "1") << "two were met";
  EXPECT_EQ(instrument.faults().active().front().applied, 2U);
}

TEST_F(LinkFaultsTest, ControllerIsExempt) {
  on({.kind = &kStallFault});
  ask.link().exempt_from_faults();
  EXPECT_EQ(ask("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, FileMaySwitchFaultsOn) {
  DescribedInstrument broken{read_description(
      std::string(kFile) + "[[fault]]\nkind = \"truncate\"\nbytes = 3\nafter = 1\ncount = 1\n",
      "x")};
  Asking client(broken);
  EXPECT_EQ(client("*IDN?"), "Maker,Model,0,1");
  EXPECT_EQ(client("*IDN?"), "Mak");
  EXPECT_EQ(client("*IDN?"), "Maker,Model,0,1");
}

TEST_F(LinkFaultsTest, EndlessAnswerGoesOnUntilAClear) {
  Asking strict(instrument, Exchange::strict);
  on({.kind = &kEndlessFault, .count = 1});
  strict.send("*IDN?\n");
  const std::string once = "Maker,Model,0,1\n";
  for (const std::size_t count : {std::size_t{5}, Link::kHighWater, Link::kHighWater / 3}) {
    std::string got;
    while (got.size() < count) {
      const auto part = strict.link().read(count - got.size());
      EXPECT_FALSE(part.end);
      ASSERT_FALSE(part.bytes.empty());
      EXPECT_TRUE(strict.link().message_available());
      got += part.bytes;
    }
    EXPECT_NE(got.find(once.substr(0, 5)), std::string::npos);
  }
  strict.link().refill(3 * Link::kHighWater);
  EXPECT_GE(strict.link().output().size(), 3 * Link::kHighWater);
  strict.link().device_clear();
  EXPECT_FALSE(strict.link().endless());
  EXPECT_EQ(strict("*OPC?"), "1");
}

TEST_F(LinkFaultsTest, EndlessAnswerIsInterruptedByANewMessage) {
  Asking strict(instrument, Exchange::strict);
  on({.kind = &kEndlessFault, .count = 1});
  strict.send("*IDN?\n");
  strict.answer();  // all of the first part is fetched
  EXPECT_EQ(strict("SYST:ERR?"), "-410,\"Query INTERRUPTED\"");
}

TEST_F(LinkFaultsTest, EndlessAnswerOnAStreamTakesNoInputAndEndsWithTheFault) {
  const auto id = on({.kind = &kEndlessFault});
  ask.send("*IDN?\n");
  ask.answer();
  EXPECT_EQ(ask.link().receive("*OPC?\n", false), 0U);
  ask.link().refill(1);
  EXPECT_FALSE(ask.link().output().empty());
  off(id);
  EXPECT_FALSE(ask.link().endless());
  OutputQueue::Part part;
  while (!ask.link().output().empty()) part = ask.link().read(1 << 20);
  EXPECT_TRUE(part.end);
  EXPECT_EQ(ask("*OPC?"), "1");
}

TEST_F(LinkFaultsTest, EndlessAnswerThatIsDelayedBeginsAndThenEndsWithTheFault) {
  const auto id = on({.kind = &kEndlessFault});
  EXPECT_EQ(ask("SLOW?"), "");
  ask.link().refill(1);
  EXPECT_TRUE(ask.link().output().empty()) << "it is held back";
  off(id);
  EXPECT_EQ(later(60001).substr(0, 10), "slow\nslow\n");
  EXPECT_EQ(ask("*OPC?"), "1");
}

TEST(FaultBoard, IsBoundedAndMakesRoomOfWhatIsUsedUp) {
  FaultBoard board;
  for (std::size_t i = 0; i < FaultBoard::kMost; ++i) {
    ASSERT_TRUE(board.add({.kind = &kLateFault, .count = 1, .client = 1000 + i}));
  }
  EXPECT_FALSE(board.add({}));
  EXPECT_NE(board.next(1007), nullptr);
  EXPECT_TRUE(board.add({}));
  EXPECT_EQ(board.active().size(), FaultBoard::kMost);
}

TEST(FaultBoard, AKindMayMeetTwoOperations) {
  static constexpr WireOperation kOne{"one"};
  static constexpr WireOperation kOther{"other"};
  static constexpr WireOperation kThird{"third"};
  static constexpr FaultKind kKind{"two", FaultPoint::reply, false, &kOne, &kOther};
  FaultBoard board;
  board.add({.kind = &kKind});
  EXPECT_NE(board.next(FaultPoint::reply, 1, &kOne), nullptr);
  EXPECT_NE(board.next(FaultPoint::reply, 1, &kOther), nullptr);
  EXPECT_EQ(board.next(FaultPoint::reply, 1, &kThird), nullptr);
  EXPECT_EQ(board.next(FaultPoint::call, 1, &kOne), nullptr);
  FaultBoard named;
  named.add({.kind = &kKind, .operation = &kOther});
  EXPECT_EQ(named.next(FaultPoint::reply, 1, &kOne), nullptr);
  EXPECT_NE(named.next(FaultPoint::reply, 1, &kOther), nullptr);
}

TEST(FaultBoard, NamesGoBothWays) {
  for (const FaultKind* const kind : answer_faults()) {
    EXPECT_EQ(find_fault_kind({}, kind->name), kind);
  }
  EXPECT_EQ(answer_faults().size(), 8U);
  EXPECT_FALSE(find_fault_kind({}, "fire"));
}

}  // namespace
}  // namespace visa::sim
