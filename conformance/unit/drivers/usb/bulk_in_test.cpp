// SPDX-License-Identifier: MIT
// Reading: what ends a read, what one request asks for, and the quirks of instruments.
#include "drivers/usb/bulk_in.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <span>

#include "conformance/unit/drivers/support/bulk_in_fixture.h"

namespace visa::test {
namespace {

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

// Copies per byte: none but for the beginning of an answer and its last packet.
TEST_F(BulkInTest, LongAnswerIsReceivedStraightIntoTheCallersBuffer) {
  tmc.open();
  constexpr std::size_t kSize = (std::size_t{3} << 20U) + 77;
  tmc.model.answers["CURVE?\n"] = pattern(kSize);
  tmc.write("CURVE?\n");
  std::string text(kSize + 100, '\0');
  const auto into = std::as_writable_bytes(std::span(text.data(), text.size()));
  tmc.usb->watched = into;
  Call call(Deadline::after(std::chrono::seconds(20)));
  EXPECT_EQ(tmc.device->read(into, {}, call).count, kSize) << call.detail;
  EXPECT_GE(tmc.usb->received_there, kSize - BulkIn::kFirstPiece - 2 * tmc.model.packet);
}

TEST_F(BulkInTest, LittleMemoryForTransfersMakesThemSmaller) {
  tmc.open();
  tmc.model.answers["CURVE?\n"] = pattern(5UL << 20U);
  for (const std::size_t memory : {3UL << 20U, 300000UL, 70000UL}) {
    tmc.usb->memory = memory;
    ASSERT_TRUE(tmc.query("CURVE?\n", 6UL << 20U) == pattern(5UL << 20U)) << memory;
  }
  tmc.usb->memory = 1000;
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_alloc);
  EXPECT_NE(tmc.detail.find("usbfs_memory_mb"), std::string::npos);
  tmc.usb->memory = SIZE_MAX;
  expect_in_step();
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

TEST_F(BulkInTest, NewMessageMakesTheRestOfAnAnswerVoid) {
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read(4).data, "Free");
  expect_in_step();
}

// USBTMC 3.2.1.2: no request before the end of the answer to the last one.
TEST_F(BulkInTest, AnswerThatGoesOnAfterItsSizeIsAbortedBeforeTheNextRequest) {
  tmc.open();
  tmc.model.endless = true;
  // In one transfer; in several; straight into the caller's buffer, with and without a last part.
  for (const std::size_t size : {20UL, 500UL, 66036UL, 70000UL, 131072UL - 12, 200000UL}) {
    tmc.model.answers["?\n"] = pattern(size);
    for (const std::size_t room : {size + 100, size / 2}) {
      tmc.model.control_requests.clear();
      tmc.write("?\n");
      ASSERT_TRUE(tmc.read(room).data == pattern(size).substr(0, room)) << size;
      ASSERT_EQ(std::count(tmc.model.control_requests.begin(), tmc.model.control_requests.end(), 3),
                1)
          << size << ": one abort";
    }
  }
  EXPECT_EQ(tmc.model.overtaken, 0);
  tmc.model.endless = false;
  expect_in_step();
}

TEST_F(BulkInTest, AnswersThatFillTheReceiveBufferAreNotAborted) {
  tmc.open();
  for (const std::size_t size : {65524UL, 66036UL, 66037UL}) {
    tmc.model.answers["?\n"] = pattern(size);
    tmc.model.control_requests.clear();
    ASSERT_TRUE(tmc.query("?\n", 80000) == pattern(size)) << size;
    ASSERT_EQ(tmc.query("*IDN?\n"), kIdentity) << size;
    EXPECT_TRUE(tmc.model.control_requests.empty()) << size;
  }
  EXPECT_EQ(tmc.model.overtaken, 0);
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
