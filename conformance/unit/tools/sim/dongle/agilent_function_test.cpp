// SPDX-License-Identifier: MIT
// The adapter's messages: registers, command bytes, data both ways, aborts, interrupts.
#include "tools/sim/dongle/agilent_function.h"

#include "conformance/unit/tools/sim/dongle/agilent_rig.h"

namespace visa::sim {
namespace {

class AgilentFunctionTest : public AgilentRig {
 protected:
  AgilentFunctionTest() { start(); }
};

TEST_F(AgilentFunctionTest, AnswersBeginWithTheComplement) {
  EXPECT_EQ(write_registers({0x03, 0x0B}), dongle_bytes({0xFB, 0}));
  const std::string lines = read_registers({0x03, 0x0A});
  EXPECT_EQ(lines.substr(0, 2), dongle_bytes({0xFA, 0}));
  EXPECT_EQ(lines[2] & 1, 1) << "REN";
  EXPECT_EQ(lines.substr(3), "\xAF");
  EXPECT_EQ(write_registers({0x20, 0}), dongle_bytes({0xFB, 3}));
  EXPECT_EQ(read_registers({0x20}), dongle_bytes({0xFA, 3}));
  EXPECT_EQ(ask(dongle_bytes({4, 2, 3, 0x0B})), dongle_bytes({0xFB, 2}));
  EXPECT_EQ(ask(dongle_bytes({0x10, 0})), dongle_bytes({0xEF, 1}));
  EXPECT_EQ(dongle.state.violations, 4U);
  read_registers({0x00});
  EXPECT_EQ(dongle.state.violations, 5U) << "reading it clears it";
}

TEST_F(AgilentFunctionTest, DataGoesBothWays) {
  EXPECT_EQ(write("hello?"), 6);
  EXPECT_EQ(seen(), "<hello?>");
  address_talker();
  EXPECT_EQ(read(3), "hel");
  EXPECT_EQ(why, agilent_end::kCount);
  EXPECT_EQ(read(100), "lo");
  EXPECT_EQ(why, agilent_end::kEoi);
  EXPECT_EQ(dongle.state.violations, 0U);
}

TEST_F(AgilentFunctionTest, AWriteHasNoReplyButAnInterrupt) {
  while (report() != "nothing") {
  }
  command({0x3F, 0x40, 0x25});
  EXPECT_EQ(in(), "nothing");
  EXPECT_EQ(report(), "\x02" + std::string(7, '\0'));
  EXPECT_EQ(report(), "nothing");
  write_registers({0x0D, 0});
  command({0x3F});
  EXPECT_EQ(report(), "nothing") << "it is not to tell";
}

TEST_F(AgilentFunctionTest, LengthsAroundPackets) {
  for (const std::size_t size : {510U, 511U, 512U, 1023U, 70000U}) {
    write(std::string(size, 'x') + "?");
    address_talker();
    EXPECT_EQ(read(size + 100).size(), size) << size;
    EXPECT_EQ(why, agilent_end::kEoi);
    write(std::string(size, 'x') + "?");
    address_talker();
    EXPECT_EQ(read(size).size(), size) << size << " exactly";
    EXPECT_EQ(why, agilent_end::kEoi | agilent_end::kCount);
  }
}

TEST_F(AgilentFunctionTest, ALongReadFillsSeveralTransfers) {
  write(std::string(5000, 'x') + "?");
  address_talker();
  EXPECT_TRUE(out(read_message(5000)));
  std::string data;
  for (int i = 0; i < 10; ++i) data += in(512);
  EXPECT_EQ(data.size(), 5001U);
}

TEST_F(AgilentFunctionTest, StopsAtAByte) {
  write("a\nb?");
  address_talker();
  EXPECT_EQ(read(100, 7, '\n'), "a\n");
  EXPECT_EQ(why, agilent_end::kEos);
  EXPECT_EQ(read(100, 7, '\n'), "b");
  EXPECT_EQ(why, agilent_end::kEoi);
}

TEST_F(AgilentFunctionTest, AReadIsRefusedWhereItDoesNotListen) {
  command({0x3F, 0x45});
  standby();
  EXPECT_EQ(read(10), "");
  EXPECT_EQ(why, agilent_end::kNotAddressed);
}

TEST_F(AgilentFunctionTest, AnAbortWithAFlushGivesWhatWasCollected) {
  write("ab?");
  address_talker();
  EXPECT_TRUE(out(read_message(100, 2)));  // END does not end it
  EXPECT_FALSE(put({.endpoint = dongle.model.in, .room = 101}));
  EXPECT_EQ(abort(1), dongle_bytes({0x5F, 6}));
  const auto done = take();
  ASSERT_TRUE(done);
  EXPECT_EQ(without_end(done->data), "ab");
  EXPECT_EQ(why, agilent_end::kAbort);
  EXPECT_EQ(abort(1), dongle_bytes({0x5F, 0})) << "nothing is under way";
}

TEST_F(AgilentFunctionTest, ATransferThatIsTakenBackTakesTheDataWithIt) {
  write("ab?");
  address_talker();
  EXPECT_TRUE(out(read_message(100, 2)));
  EXPECT_EQ(in(101), "nothing");
  abort(1);
  EXPECT_EQ(without_end(in(101)), "");
  EXPECT_EQ(why, agilent_end::kAbort);
}

TEST_F(AgilentFunctionTest, AnAbortWithoutOneForgetsIt) {
  address_talker();
  EXPECT_TRUE(out(read_message(100)));
  EXPECT_EQ(abort(0), dongle_bytes({0x5F, 0}));
  EXPECT_EQ(in(101), "nothing");
  EXPECT_EQ(seen(), "(unterminated)");
  EXPECT_EQ(write("x"), 1) << "and goes on";
}

TEST_F(AgilentFunctionTest, WhatNobodyTakesIsAborted) {
  command({0x3F, 0x40, 0x27});
  standby();
  EXPECT_TRUE(out(write_message("x", 0x0B)));
  EXPECT_EQ(written(), -1);
  EXPECT_FALSE(out(dongle_bytes({5, 1, 3}))) << "it takes nothing else";
  abort(0);
  ASSERT_TRUE(take());
  const std::string lines = in();
  EXPECT_EQ(lines[2] & 0x30, 0) << "neither NDAC nor NRFD";
  const std::string status = read_registers({0x02});
  EXPECT_EQ(status[2] & 0x02, 0x02) << "it talks";
  dmm.faults().add({.kind = &kGpibAbsentFault});
  scope.faults().add({.kind = &kGpibAbsentFault});
  EXPECT_EQ(command({0x3F}), -1) << "an empty bus";
  abort(0);
}

TEST_F(AgilentFunctionTest, TheQuestionForTheCountWaitsForTheEnd) {
  dmm.faults().add({.kind = &kGpibStuckFault, .count = 1});
  command({0x3F, 0x40, 0x25});
  standby();
  EXPECT_TRUE(out(write_message("x", 0x0B)));
  EXPECT_FALSE(control(0xC0, 4, 0xB0, 0, 8));
  EXPECT_FALSE(device->due()) << "without turning round and round";
  device->cancel(last_id);
  finished.clear();
  abort(0);
  EXPECT_EQ(written(), 0);
}

TEST_F(AgilentFunctionTest, AnAddressThatNobodyHasPollsAsZero) {
  command({0x3F, 0x18, 0x47, 0x20});
  standby();
  EXPECT_EQ(read(1, 2), std::string(1, '\0'));
  dmm.status = 0x31;
  command({0x3F, 0x45, 0x20});
  standby();
  EXPECT_EQ(read(1, 2), "1");
}

TEST_F(AgilentFunctionTest, ServiceIsReportedWhenTheLineRises) {
  while (report() != "nothing") {
  }
  dongle.bus.find({5})->link().request_service();
  settle();
  EXPECT_EQ(report(), "\x01" + std::string(7, '\0'));
  dongle.bus.find({9, 2})->link().request_service();
  settle();
  EXPECT_EQ(report(), "nothing") << "there is no edge";
}

TEST_F(AgilentFunctionTest, ALongWriteComesInSeveralTransfers) {
  const std::string data(200000, 'y');
  command({0x3F, 0x40, 0x25});
  standby();
  const std::string message = write_message(data, 0x0B);
  EXPECT_TRUE(out(message.substr(0, 65536)));
  EXPECT_TRUE(out(message.substr(65536, 65536)));
  EXPECT_TRUE(out(message.substr(131072)));
  EXPECT_EQ(written(), 200000 & 0xFFFF);
  EXPECT_EQ(seen().size(), 200002U);
}

}  // namespace
}  // namespace visa::sim
