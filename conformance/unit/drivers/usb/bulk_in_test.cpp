// SPDX-License-Identifier: MIT
// Reading: what ends a read, what one request asks for, and every way in which an answer can be
// wrong. After each failure the next query gets its own answer.
#include "drivers/usb/bulk_in.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_tmc.h"

namespace visa::test {
namespace {

using drivers::usb::BulkIn;
using spi::StopReason;

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 89);
  return text;
}

class BulkInTest : public testing::Test {
 protected:
  OpenTmc tmc;

  void expect_in_step() {
    tmc.model.silent = false;
    EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
    EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
    EXPECT_EQ(tmc.usb->running, 0);
  }
};

TEST_F(BulkInTest, QueryIsTwoTransfersOutAndOneIn) {
  tmc.open();
  for (int i = 0; i < 300; ++i) {  // the tags wrap around
    tmc.model.out_urbs = 0;
    tmc.model.in_urbs = 0;
    ASSERT_EQ(tmc.query("*IDN?\n", 20480), kIdentity);
    ASSERT_EQ(tmc.model.out_urbs, 2);
    ASSERT_EQ(tmc.model.in_urbs, 1);
  }
}

TEST_F(BulkInTest, EndOfMessageEndsTheRead) {
  tmc.open();
  tmc.write("*IDN?\n");
  const auto read = tmc.read();
  EXPECT_EQ(read.data, kIdentity);
  EXPECT_EQ(read.reason, StopReason::end);
}

// Pain 10: the first query works and the second times out.
TEST_F(BulkInTest, AnswersOfEveryLengthAndPaddingComeWhole) {
  for (const std::size_t packet : {64U, 512U, 1024U}) {
    OpenTmc own;
    own.model.packet = packet;
    own.open();
    for (std::size_t size = 1; size < 3 * packet; size += size < 20 ? 1 : 13) {
      own.model.padding = static_cast<int>(size % 4);
      own.model.answers["?\n"] = pattern(size);
      ASSERT_EQ(own.query("?\n", 8192), pattern(size)) << packet << ' ' << size;
    }
  }
}

// Pain 5: an instrument that loses data over many small requests gets one, and the caller's small
// reads are served from it.
TEST_F(BulkInTest, SmallReadsAreServedFromOneRequest) {
  tmc.open();
  tmc.write("*IDN?\n");
  std::string text;
  StopReason reason = StopReason::count;
  for (int i = 0; i < 100 && reason != StopReason::end; ++i) {
    const auto part = tmc.read(3);
    ASSERT_EQ(part.status, Status::success);
    text += part.data;
    reason = part.reason;
  }
  EXPECT_EQ(text, kIdentity);
  EXPECT_EQ(tmc.model.requests, std::vector<std::uint32_t>{BulkIn::kLeastRequested});
}

// Pain 13: the count of the caller is the size that the instrument is asked for.
TEST_F(BulkInTest, LargeCountIsOneRequestAndComesWhole) {
  tmc.open();
  for (const std::size_t size : {65524UL, 65536UL, 65537UL, 66048UL, 200000UL, 3UL << 20U}) {
    tmc.model.requests.clear();
    tmc.model.answers["CURVE?\n"] = pattern(size);
    const std::string answer = tmc.query("CURVE?\n", size + 100);
    ASSERT_TRUE(answer == pattern(size)) << size << ' ' << answer.size();
    ASSERT_EQ(tmc.model.requests,
              std::vector<std::uint32_t>{static_cast<std::uint32_t>(size + 100)});
    ASSERT_EQ(tmc.query("*IDN?\n"), kIdentity);
  }
}

TEST_F(BulkInTest, LongAnswerIsReadInPiecesOfTheCaller) {
  tmc.open();
  const std::string whole = pattern(1000000);
  tmc.model.answers["CURVE?\n"] = whole;
  tmc.write("CURVE?\n");
  std::string text;
  for (;;) {
    const auto part = tmc.read(100003);
    ASSERT_EQ(part.status, Status::success) << tmc.detail;
    text += part.data;
    if (part.reason == StopReason::end) break;
    ASSERT_EQ(part.data.size(), 100003U);
  }
  EXPECT_TRUE(text == whole);
}

// Pain 7: EOM = 0 in every part, and a request for each.
TEST_F(BulkInTest, AnswerInPartsIsAskedForUntilItsEnd) {
  tmc.model.split = 7;
  tmc.open();
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  EXPECT_EQ(tmc.model.requests.size(), 3U);
  tmc.model.split = 0;
  expect_in_step();
}

TEST_F(BulkInTest, SuppressedEndDoesNotEndTheRead) {
  tmc.open();
  tmc.write("*IDN?\n");
  spi::EndRule rule;
  rule.suppress_end = true;
  const auto read = tmc.read(1000, rule);
  EXPECT_EQ(read.status, Status::error_tmo);  // another message would have to come
  EXPECT_EQ(read.data, kIdentity);
  expect_in_step();
}

class Termchar : public testing::TestWithParam<bool> {};

TEST_P(Termchar, EndsTheReadWhetherTheInstrumentLooksForItOrNot) {
  OpenTmc tmc;
  tmc.model.capabilities_tmc = GetParam() ? 1 : 0;
  tmc.model.answers["?\n"] = "ab;cd;ef";
  tmc.open();
  tmc.write("?\n");
  spi::EndRule rule;
  rule.termchar_enabled = true;
  rule.termchar = ';';
  auto read = tmc.read(100, rule);
  EXPECT_EQ(read.data, "ab;");
  EXPECT_EQ(read.reason, StopReason::termchar);
  EXPECT_EQ(tmc.model.termchar_asked.has_value(), GetParam());
  read = tmc.read(2, rule);
  EXPECT_EQ(read.data, "cd");
  EXPECT_EQ(read.reason, StopReason::count);
  read = tmc.read(100, rule);
  EXPECT_EQ(read.data, ";");
  EXPECT_EQ(read.reason, StopReason::termchar);
  read = tmc.read(100, rule);
  EXPECT_EQ(read.data, "ef");
  EXPECT_EQ(read.reason, StopReason::end);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutCapability, Termchar, testing::Bool());

TEST_F(BulkInTest, EndComesBeforeTheTerminationCharacter) {
  tmc.open();
  tmc.write("*IDN?\n");
  spi::EndRule rule;
  rule.termchar_enabled = true;
  const auto read = tmc.read(100, rule);
  EXPECT_EQ(read.data, kIdentity);
  EXPECT_EQ(read.reason, StopReason::end);
}

// Pain 1: a timeout leaves the request open in the instrument until it is aborted.
TEST_F(BulkInTest, TimeoutIsAbortedAndTheNextQueryGetsItsOwnAnswer) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_FALSE(tmc.model.request_open());
  expect_in_step();
}

TEST_F(BulkInTest, AnswerThatComesAfterTheTimeoutIsDropped) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  tmc.model.silent = false;
  tmc.model.say("late\n");
  expect_in_step();
}

TEST_F(BulkInTest, WhatCameUntilTheTimeoutBelongsToTheCaller) {
  tmc.model.cut = 20;
  tmc.open();
  tmc.write("*IDN?\n");
  const auto read = tmc.read();
  EXPECT_EQ(read.status, Status::error_tmo);
  EXPECT_EQ(read.data, std::string(kIdentity).substr(0, 8));
  tmc.model.cut = 0;
  expect_in_step();
}

TEST_F(BulkInTest, TimeoutInALongAnswerDeliversWhatCame) {
  tmc.open();
  const std::string whole = pattern(2000000);
  tmc.model.answers["CURVE?\n"] = whole;
  for (const std::size_t cut : {100000UL, 700000UL, 1500000UL}) {
    tmc.model.cut = cut;
    tmc.write("CURVE?\n");
    const auto read = tmc.read(whole.size());
    EXPECT_EQ(read.status, Status::error_tmo);
    EXPECT_TRUE(read.data == whole.substr(0, cut - 12)) << cut << ' ' << read.data.size();
    tmc.model.cut = 0;
    expect_in_step();
  }
}

TEST_F(BulkInTest, AbortThatIsPendingIsWaitedFor) {
  tmc.model.silent = true;
  tmc.model.abort_pending = 3;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_EQ(tmc.model.abort_pending, 0);
  expect_in_step();
}

TEST_F(BulkInTest, InstrumentWithoutAbortIsCleared) {
  tmc.model.silent = true;
  tmc.model.abort_refused = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_FALSE(tmc.model.request_open());
  expect_in_step();
}

TEST_F(BulkInTest, InstrumentThatRefusesEverythingIsStillUsable) {
  tmc.model.silent = true;
  tmc.model.abort_refused = true;
  tmc.model.clear_refused = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  expect_in_step();
}

TEST_F(BulkInTest, CancelledCallIsAborted) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  Call call(Deadline::after(std::chrono::seconds(20)));
  tmc.usb->while_waiting = [&] { call.cancel(); };
  std::byte buffer[100];
  EXPECT_EQ(tmc.device->read(buffer, {}, call).status, Status::error_abort);
  tmc.usb->while_waiting = nullptr;
  EXPECT_FALSE(tmc.model.request_open());
  expect_in_step();
}

TEST_F(BulkInTest, WrongTagIsRefused) {
  tmc.model.wrong_tag = 1;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
  EXPECT_NE(tmc.detail.find("another request"), std::string::npos) << tmc.detail;
  expect_in_step();
}

// Pain 6: answers with a wrong MsgID.
TEST_F(BulkInTest, WrongIdIsRefusedUnlessItIsAQuirk) {
  tmc.model.wrong_id = 1;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
  expect_in_step();

  OpenTmc quirky;
  quirky.model.wrong_id = 1;
  quirky.quirks.any_message_id = true;
  quirky.open();
  EXPECT_EQ(quirky.query("*IDN?\n"), kIdentity);
}

TEST_F(BulkInTest, SizeBeyondWhatWasAskedForIsRefused) {
  tmc.open();
  for (const std::uint32_t size : {5000U, 0x7FFFFFFFU, 0xFFFFFFE0U}) {
    tmc.model.size_added = size;
    tmc.write("*IDN?\n");
    EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
    tmc.model.size_added = 0;
    expect_in_step();
  }
}

TEST_F(BulkInTest, SizeBeyondWhatComesIsATimeout) {
  tmc.model.size_added = 100;
  tmc.open();
  tmc.write("*IDN?\n");
  const auto read = tmc.read();
  EXPECT_EQ(read.status, Status::error_tmo);
  EXPECT_EQ(read.data, kIdentity);
  tmc.model.size_added = 0;
  expect_in_step();
}

TEST_F(BulkInTest, AnswerSplitByAShortPacketIsReadOn) {
  tmc.open();
  tmc.model.answers["?\n"] = pattern(2000);
  for (const std::size_t at : {12UL, 13UL, 100UL, 1024UL}) {
    tmc.model.short_after = at;
    ASSERT_EQ(tmc.query("?\n", 4000), pattern(2000)) << at;
  }
  tmc.model.answers["?\n"] = pattern(1000000);
  for (const std::size_t at : {100UL, 65536UL, 70001UL, 900000UL}) {
    tmc.model.short_after = at;
    ASSERT_TRUE(tmc.query("?\n", 1000000) == pattern(1000000)) << at;
  }
  tmc.model.short_after = 0;
  expect_in_step();
}

TEST_F(BulkInTest, EmptyPacketsBeforeAnAnswerArePassedOver) {
  tmc.model.empty_packets = 2;
  tmc.open();
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  tmc.model.empty_packets = 1000;
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
  tmc.model.empty_packets = 0;
  expect_in_step();
}

// Pain 2: no short packet after an answer that fills its packets. The first one costs the timeout,
// and is delivered; then the instrument is known.
TEST_F(BulkInTest, MissingShortPacketLosesNoAnswer) {
  for (const std::size_t packet : {64UL, 512UL}) {
    OpenTmc own;
    own.model.packet = packet;
    own.model.short_packet_missing = true;
    own.open();
    for (const std::size_t size : {packet - 12, 2 * packet - 12, 10UL, 5 * packet - 12}) {
      own.model.answers["?\n"] = pattern(size);
      ASSERT_EQ(own.query("?\n", 8192), pattern(size)) << packet << ' ' << size;
    }
    own.model.answers["?\n"] = pattern(1000 * packet - 12);
    ASSERT_TRUE(own.query("?\n", 1100 * packet) == pattern(1000 * packet - 12));
    ASSERT_EQ(own.query("*IDN?\n"), kIdentity);
    EXPECT_TRUE(own.device->wire().quirks.no_short_packet);
    EXPECT_TRUE(own.model.control_requests == std::vector<std::uint8_t>({7, 160}));  // no abort
  }
}

// Pain 2 and 4, as a quirk that is known before: no timeout at all, in packets of 64 bytes.
TEST_F(BulkInTest, KnownMissingShortPacketCostsNoTimeout) {
  tmc.quirks.no_short_packet = true;
  tmc.model.packet = 64;
  tmc.model.short_packet_missing = true;
  tmc.open();
  bool waited = false;
  tmc.usb->while_waiting = [&] { waited = true; };
  for (const std::size_t size : {52UL, 53UL, 116UL, 6348UL}) {
    tmc.model.answers["?\n"] = pattern(size);
    ASSERT_EQ(tmc.query("?\n", 8192), pattern(size)) << size;
  }
  EXPECT_FALSE(waited);
}

// Pain 3: the header gives the size of the first packets only; a second request would begin anew.
TEST_F(BulkInTest, LengthOfTheBlockCountsWhereTheHeaderIsWrong) {
  const std::string block = "#9000003000" + pattern(3000) + "\n";
  tmc.quirks.block_length = true;
  tmc.model.answers["WAV?\n"] = block;
  tmc.model.size_added = static_cast<std::uint32_t>(500 - block.size());  // the header says 500
  tmc.open();
  EXPECT_EQ(tmc.query("WAV?\n", 20000), block);
  tmc.model.size_added = 0;
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  EXPECT_EQ(tmc.model.requests.size(), 2U);
}

// Pain 9: nothing is answered to requests above 48 bytes.
TEST_F(BulkInTest, LargestRequestIsAQuirk) {
  tmc.quirks.most_requested = 48;
  tmc.model.most_requested = 48;
  tmc.model.answers["?\n"] = pattern(200);
  tmc.open();
  EXPECT_EQ(tmc.query("?\n", 20480), pattern(200));
  EXPECT_EQ(tmc.model.requests, std::vector<std::uint32_t>(5, 48));
}

// Pain 11: a stall is cleared and explained.
TEST_F(BulkInTest, StallIsClearedAndTheNextQueryWorks) {
  tmc.open();
  tmc.model.stall_in = 1;
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_io);
  EXPECT_NE(tmc.detail.find("stall"), std::string::npos);
  expect_in_step();
}

TEST_F(BulkInTest, StalledRequestIsClearedToo) {
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.model.stall_out = 1;
  EXPECT_EQ(tmc.read().status, Status::error_io);
  expect_in_step();
}

TEST_F(BulkInTest, RequestThatIsNotTakenTimesOut) {
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.model.deaf = true;
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  tmc.model.deaf = false;
  expect_in_step();
}

// Pain 17: an unplugged instrument is told at once.
TEST_F(BulkInTest, UnpluggedIsConnectionLost) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.usb->while_waiting = [&] { tmc.usb->unplugged = true; };
  EXPECT_EQ(tmc.read().status, Status::error_conn_lost);
  EXPECT_EQ(tmc.read().status, Status::error_conn_lost);
  EXPECT_EQ(tmc.write("*IDN?\n").status, Status::error_conn_lost);
}

TEST_F(BulkInTest, NewMessageMakesTheRestOfAnAnswerVoid) {
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read(4).data, "Free");
  expect_in_step();
}

TEST_F(BulkInTest, VendorSpecificMessagesHaveTheirOwnIds) {
  tmc.model.answers["vendor"] = "answer";
  tmc.open();
  EXPECT_EQ(tmc.write("vendor", {spi::WriteEnd::end, VI_PROT_USBTMC_VENDOR}).status,
            Status::success);
  spi::EndRule rule;
  rule.protocol = VI_PROT_USBTMC_VENDOR;
  const auto read = tmc.read(100, rule);
  EXPECT_EQ(read.data, "answer");
  EXPECT_EQ(read.reason, StopReason::end);
}

}  // namespace
}  // namespace visa::test
