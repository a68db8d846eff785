// SPDX-License-Identifier: MIT
// The adapter's messages: addressing, data both ways, errors, its timer.
#include "tools/sim/dongle/ni_function.h"

#include "conformance/unit/tools/sim/dongle/ni_rig.h"

namespace visa::sim {
namespace {

class NiFunctionTest : public NiRig {};

class NiShortBlocksTest : public NiRig {
 protected:
  NiShortBlocksTest() : NiRig("kusb-488a") { start(); }
};

TEST_F(NiFunctionTest, IsInChargeAfterIfcAlone) {
  write_registers({1, 0x0A, 2, 1, 0x1C, 3, 1, 0x0A, 0});
  EXPECT_EQ(error_of(plain(1, 1)), 3);
  EXPECT_EQ(ibsta_of(plain(0x0F)) & 0x20, 0x20);
  EXPECT_EQ(error_of(plain(1, 1)), 0);
}

TEST_F(NiFunctionTest, OnlyTheSystemControllerSendsIfc) {
  write_registers({1, 0x0A, 2, 1, 0x1C, 2, 1, 0x0A, 0});
  EXPECT_EQ(error_of(plain(0x0F)), 4);
}

TEST_F(NiFunctionTest, TheFirstWriteAfterPluggingInIsLost) {
  start(true);
  EXPECT_EQ(ibsta_of(command({0x3F, 0x40, 0x25})) & 8, 0) << "TACS is missing";
  plain(6);
  EXPECT_TRUE(out(write_message("a", true, 0xF2)));
  EXPECT_EQ(error_of(wait_reply()), 0x0A);
  EXPECT_EQ(seen(), "");
  EXPECT_EQ(error_of(write("b")), 0);
  EXPECT_EQ(seen(), "<b>");
}

TEST_F(NiFunctionTest, DataGoesBothWays) {
  start();
  const std::string reply = write("hello?");
  EXPECT_EQ(reply.size(), 12U);
  EXPECT_EQ(error_of(reply), 0);
  EXPECT_EQ(ibsta_of(reply) & 8, 8);
  address_talker();
  EXPECT_EQ(read(3), "hel");
  EXPECT_EQ(ibsta & ni_ibsta::kEnd, 0);
  EXPECT_EQ(read(100), "lo");
  EXPECT_EQ(ibsta & ni_ibsta::kEnd, ni_ibsta::kEnd);
  EXPECT_EQ(error, 0);
  EXPECT_EQ(dongle.state.violations, 0U);
}

TEST_F(NiFunctionTest, LengthsAroundBlocksAndPackets) {
  start();
  for (const int size : {1, 29, 30, 31, 449, 450, 451, 4095, 65534}) {
    write(std::string(static_cast<std::size_t>(size), 'x') + "?");
    address_talker();
    EXPECT_EQ(read(65535).size(), static_cast<std::size_t>(size)) << size;
    EXPECT_EQ(ibsta & ni_ibsta::kEnd, ni_ibsta::kEnd);
  }
  EXPECT_EQ(dongle.state.violations, 0U);
}

TEST_F(NiShortBlocksTest, LengthsAroundBlocks) {
  for (const int size : {1, 15, 16, 31, 500}) {
    write(std::string(static_cast<std::size_t>(size), 'x') + "?");
    address_talker();
    EXPECT_EQ(read(1000).size(), static_cast<std::size_t>(size)) << size;
  }
}

TEST_F(NiFunctionTest, StopsAtAByte) {
  start();
  write("a\nb\n?");
  address_talker();
  EXPECT_EQ(read(100, 0x04, '\n'), "a\n");
  EXPECT_EQ(ibsta & ni_ibsta::kEnd, ni_ibsta::kEnd);
  EXPECT_EQ(read(100, 0x14, '\n'), "b\n");
  read(100, 0, '\n');
  EXPECT_EQ(error, 4) << "a byte without the mode";
}

TEST_F(NiFunctionTest, ErrorsSayWhatIsWrong) {
  start();
  command({0x3F, 0x20, 0x45});
  read(10);
  EXPECT_EQ(error, 2) << "ATN is asserted";
  command({0x3F, 0x5F});
  plain(6);
  read(10);
  EXPECT_EQ(error, 3) << "no listener";
  EXPECT_EQ(error_of(ask(write_message("x"))), 3) << "no talker";
  EXPECT_EQ(error_of(write("x", 7)), 8) << "nobody there";
  EXPECT_EQ(error_of(ask(write_message("x", true, 0))), 4) << "no timeout";
  dmm.faults().add({.kind = &kGpibAbsentFault});
  scope.faults().add({.kind = &kGpibAbsentFault});
  const std::string reply = command({0x3F, 0x40});
  EXPECT_EQ(error_of(reply), 5) << "an empty bus";
  EXPECT_EQ(reply.substr(4, 2), dongle_bytes({0xFE, 0xFF})) << "both are left";
}

TEST_F(NiFunctionTest, TooManyCommandBytesAreRefused) {
  start();
  command({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(dongle.state.violations, 0U);
  EXPECT_EQ(error_of(command({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})), 4);
}

TEST_F(NiFunctionTest, ATalkerThatSaysNothingMeetsTheTimer) {
  start();
  address_talker();
  EXPECT_TRUE(out(read_message(10, 0, 0, 0xF5)));
  EXPECT_EQ(data_of(wait_reply()), "");
  EXPECT_EQ(error, 0x0A);
  EXPECT_EQ(ibsta & ni_ibsta::kTimo, ni_ibsta::kTimo);
  EXPECT_EQ(seen(), "(unterminated)");
}

TEST_F(NiFunctionTest, WhileAReadIsUnderWayNoOtherMessageIsTaken) {
  start();
  address_talker();
  EXPECT_TRUE(out(read_message(10, 0, 0, 0xF0)));
  EXPECT_FALSE(out(ni_closed(dongle_bytes({6, 0, 0, 0}))));
  dongle.bus.find({5})->link().receive("late?", true);
  dongle.bus.find({5})->link().announce_late_answer();
  settle();
  ASSERT_TRUE(take());
  EXPECT_EQ(data_of(in()), "late");
  EXPECT_EQ(in().size(), 12U) << "and then the other";
}

TEST_F(NiFunctionTest, SerialPolls) {
  start();
  dmm.status = 3;
  dongle.bus.find({5})->link().request_service();
  command({0x3F, 0x18, 0x45, 0x20});
  plain(6);
  EXPECT_EQ(read(1), "C");
  command({0x19, 0x5F});
  EXPECT_FALSE(dongle.bus.srq());
}

TEST_F(NiFunctionTest, RegistersTellTheLines) {
  start();
  const std::string reply = ask(ni_closed(dongle_bytes({8, 1, 1, 0x1F})));
  EXPECT_EQ(reply.size(), 12U);
  EXPECT_EQ(reply.substr(0, 1), "\x34");
  EXPECT_EQ(reply[1] & 0x01, 0x01) << "REN";
  EXPECT_EQ(reply.substr(4, 2), dongle_bytes({0x35, 1}));
  const std::string done = write_registers({1, 0x0A, 0x17});
  EXPECT_EQ(done.size(), 16U);
  EXPECT_EQ(done[8], 1);
  EXPECT_EQ(plain(7).size(), 16U) << "a parallel poll";
}

TEST_F(NiFunctionTest, WhatIsNoMessageIsCounted) {
  EXPECT_TRUE(out("\x7F\x01\x02"));
  EXPECT_TRUE(out(dongle_bytes({6, 0, 0, 0})));
  EXPECT_EQ(dongle.state.violations, 2U);
  EXPECT_EQ(in(), "nothing");
}

TEST_F(NiFunctionTest, RepliesThatNobodyFetchesAreThereForTheNext) {
  start();
  EXPECT_TRUE(out(ni_closed(dongle_bytes({6, 0, 0, 0}))));
  EXPECT_EQ(plain(1, 1).substr(0, 1), "\x06");
  EXPECT_EQ(in().substr(0, 1), "\x01");
}

TEST(NiTimeoutTest, CodesGoInStepsOfThree) {
  using namespace std::chrono_literals;
  EXPECT_EQ(ni_timeout(0xF1), 10us);
  EXPECT_EQ(ni_timeout(0xFB), 1s);
  EXPECT_EQ(ni_timeout(0xFF), 100s);
  EXPECT_EQ(ni_timeout(0x01), 300s);
  EXPECT_EQ(ni_timeout(0x02), 1000s);
  EXPECT_EQ(ni_timeout(0), std::nullopt);
  EXPECT_EQ(ni_timeout(3), std::nullopt);
}

}  // namespace
}  // namespace visa::sim
