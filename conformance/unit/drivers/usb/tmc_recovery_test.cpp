// SPDX-License-Identifier: MIT
// Every way in which an answer can fail: what the caller gets of it, and that the next query gets
// its own answer.
#include "drivers/usb/tmc_recovery.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/bulk_in_fixture.h"

namespace visa::test {
namespace {

using RecoveryTest = BulkInTest;

// Pain 1: a timeout leaves the request open in the instrument until it is aborted.
TEST_F(RecoveryTest, TimeoutIsAbortedAndTheNextQueryGetsItsOwnAnswer) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_FALSE(tmc.model.request_open());
  expect_in_step();
}

TEST_F(RecoveryTest, AnswerThatComesAfterTheTimeoutIsDropped) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  tmc.model.silent = false;
  tmc.model.say("late\n");
  expect_in_step();
}

TEST_F(RecoveryTest, WhatCameUntilTheTimeoutBelongsToTheCaller) {
  tmc.model.cut = 20;
  tmc.open();
  tmc.write("*IDN?\n");
  const auto read = tmc.read();
  EXPECT_EQ(read.status, Status::error_tmo);
  EXPECT_EQ(read.data, std::string(kIdentity).substr(0, 8));
  tmc.model.cut = 0;
  expect_in_step();
}

TEST_F(RecoveryTest, TimeoutInALongAnswerDeliversWhatCame) {
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

TEST_F(RecoveryTest, AbortThatIsPendingIsWaitedFor) {
  tmc.model.silent = true;
  tmc.model.abort_pending = 3;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_EQ(tmc.model.abort_pending, 0);
  expect_in_step();
}

TEST_F(RecoveryTest, AHaltThatDoesNotEndInTimeIsEndedByTheNextOperation) {
  tmc.open();
  tmc.usb->halts_stay = true;
  EXPECT_EQ(tmc.call([&](Call& call) { return tmc.device->clear(call); }), Status::error_tmo);
  EXPECT_EQ(tmc.write("*IDN?\n").status, Status::error_tmo);
  tmc.usb->halts_stay = false;
  expect_in_step();
}

TEST_F(RecoveryTest, InstrumentWithoutAbortIsCleared) {
  tmc.model.silent = true;
  tmc.model.abort_refused = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  EXPECT_FALSE(tmc.model.request_open());
  expect_in_step();
}

TEST_F(RecoveryTest, InstrumentThatRefusesEverythingIsStillUsable) {
  tmc.model.silent = true;
  tmc.model.abort_refused = true;
  tmc.model.clear_refused = true;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  expect_in_step();
}

TEST_F(RecoveryTest, CancelledCallIsAborted) {
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

TEST_F(RecoveryTest, AnswerToARequestBeforeIsPassedOver) {
  tmc.model.stale = 1;
  tmc.open();
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
}

TEST_F(RecoveryTest, WrongTagIsRefused) {
  tmc.model.wrong_tag = 1;
  tmc.open();
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
  EXPECT_NE(tmc.detail.find("another request"), std::string::npos) << tmc.detail;
  expect_in_step();
}

// Pain 6: answers with a wrong MsgID.
TEST_F(RecoveryTest, WrongIdIsRefusedUnlessItIsAQuirk) {
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

TEST_F(RecoveryTest, SizeBeyondWhatWasAskedForIsRefused) {
  tmc.open();
  for (const std::uint32_t size : {5000U, 0x7FFFFFFFU, 0xFFFFFFE0U}) {
    tmc.model.size_added = size;
    tmc.write("*IDN?\n");
    EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
    tmc.model.size_added = 0;
    expect_in_step();
  }
}

TEST_F(RecoveryTest, SizeBeyondWhatComesIsATimeout) {
  tmc.model.size_added = 100;
  tmc.open();
  tmc.write("*IDN?\n");
  const auto read = tmc.read();
  EXPECT_EQ(read.status, Status::error_tmo);
  EXPECT_EQ(read.data, kIdentity);
  tmc.model.size_added = 0;
  expect_in_step();
}

TEST_F(RecoveryTest, AnswerSplitByAShortPacketIsReadOn) {
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

TEST_F(RecoveryTest, EmptyPacketsBeforeAnAnswerArePassedOver) {
  tmc.model.empty_packets = 2;
  tmc.open();
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
  tmc.model.empty_packets = 1000;
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_inp_prot_viol);
  tmc.model.empty_packets = 0;
  expect_in_step();
}

// Pain 11: a stall is cleared and explained.
TEST_F(RecoveryTest, StallIsClearedAndTheNextQueryWorks) {
  tmc.open();
  tmc.model.stall_in = 1;
  tmc.write("*IDN?\n");
  EXPECT_EQ(tmc.read().status, Status::error_io);
  EXPECT_NE(tmc.detail.find("stall"), std::string::npos);
  expect_in_step();
}

TEST_F(RecoveryTest, StalledRequestIsClearedToo) {
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.model.stall_out = 1;
  EXPECT_EQ(tmc.read().status, Status::error_io);
  expect_in_step();
}

TEST_F(RecoveryTest, RequestThatIsNotTakenTimesOut) {
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.model.deaf = true;
  EXPECT_EQ(tmc.read().status, Status::error_tmo);
  tmc.model.deaf = false;
  expect_in_step();
}

// Pain 17: unplugging an instrument ends its calls at once.
TEST_F(RecoveryTest, UnpluggedIsConnectionLost) {
  tmc.model.silent = true;
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.usb->while_waiting = [&] { tmc.usb->unplugged = true; };
  EXPECT_EQ(tmc.read().status, Status::error_conn_lost);
  EXPECT_EQ(tmc.read().status, Status::error_conn_lost);
  EXPECT_EQ(tmc.write("*IDN?\n").status, Status::error_conn_lost);
}

}  // namespace
}  // namespace visa::test
