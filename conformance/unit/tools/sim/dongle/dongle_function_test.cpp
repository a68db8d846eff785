// SPDX-License-Identifier: MIT
// The faults that both families have, on one adapter of each.
#include "tools/sim/dongle/dongle_function.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/dongle/agilent_rig.h"
#include "conformance/unit/tools/sim/dongle/ni_rig.h"
#include "tools/sim/dongle/dongle_wire.h"

namespace visa::sim {
namespace {

using namespace std::chrono_literals;

class NiFaultTest : public NiRig {
 protected:
  NiFaultTest() { start(); }
  std::string standby() { return ni_closed(dongle_bytes({6, 0, 0, 0})); }
};

class AgilentFaultTest : public AgilentRig {
 protected:
  AgilentFaultTest() { start(); }
};

TEST_F(NiFaultTest, ARelyMayBeLostAndTheNextComesInItsPlace) {
  fault(kDongleLostFault, {.count = 1, .operation = &kDongleLines});
  EXPECT_EQ(ask(standby()), "nothing");
  EXPECT_EQ(plain(1, 1).substr(0, 1), "\x01");
}

TEST_F(NiFaultTest, AReplyComesInPieces) {
  fault(kDongleSplitFault, {.pieces = 3, .count = 1});
  EXPECT_TRUE(out(standby()));
  EXPECT_EQ(in().size(), 4U);
  EXPECT_EQ(in().size(), 4U);
  EXPECT_EQ(in(), dongle_bytes({4, 0, 0, 0}));
}

TEST_F(NiFaultTest, AReplyIsCutLengthenedOrMeansNothing) {
  fault(kDongleShortFault, {.bytes = 5, .count = 1});
  EXPECT_EQ(ask(standby()).size(), 5U);
  fault(kDongleLongFault, {.bytes = 7, .count = 1});
  EXPECT_EQ(ask(standby()).size(), 19U);
  fault(kDongleGarbageFault, {.count = 1});
  const std::string garbage = ask(standby());
  EXPECT_EQ(garbage.size(), 12U);
  EXPECT_NE(garbage[0], '\x06');
}

TEST_F(NiFaultTest, StaleRepliesComeBeforeIt) {
  fault(kDongleStaleFault, {.count = 1, .length = 2});
  EXPECT_EQ(ask(standby()).substr(0, 1), "\x0D");
  EXPECT_EQ(in().substr(0, 1), "\x0D");
  EXPECT_EQ(in().substr(0, 1), "\x06");
}

TEST_F(NiFaultTest, StaleRepliesAreThereFromTheBeginning) {
  plug_in();
  fault(kDongleStaleFault, {.count = 1, .operation = &kDonglePlug});
  EXPECT_EQ(in().substr(0, 1), "\x0D");
  EXPECT_EQ(in(), "nothing");
}

TEST_F(NiFaultTest, AReplyComesLater) {
  fault(kDongleLateFault, {.delay = 20ms, .count = 1});
  EXPECT_TRUE(out(standby()));
  EXPECT_FALSE(put({.endpoint = dongle.model.in, .room = 100}));
  const auto done = wait();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->data.size(), 12U);
}

TEST_F(NiFaultTest, TheEndpointHaltsOrTheAdapterLeaves) {
  fault(kDongleHaltFault, {.bytes = 4, .count = 1});
  EXPECT_EQ(ask(standby()), "no success");
  EXPECT_TRUE(device->halted(dongle.model.in));
  device->clear_halt(dongle.model.in);
  fault(kDongleUnplugInFault, {.delay = 5ms, .count = 1});
  EXPECT_EQ(ask(standby()), "nothing");
  settle();
  ASSERT_TRUE(unplugged);
  EXPECT_EQ(*unplugged, 5ms);
}

TEST_F(NiFaultTest, AMessageIsForgottenRefusedOrUnplugs) {
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleLines});
  EXPECT_EQ(ask(standby()), "nothing");
  fault(kDongleErrorFault, {.count = 1, .operation = &kDongleLines, .error = 9});
  EXPECT_EQ(error_of(ask(standby())), 9);
  write("x?");
  address_talker();
  fault(kDongleRefuseFault, {.count = 1});
  read(10);
  EXPECT_EQ(error, 3);
  EXPECT_EQ(read(10), "x");
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleStop});
  EXPECT_FALSE(control(0xC0, 0x20, 0, 0, 8));
  fault(kDongleUnplugFault, {.count = 1});
  EXPECT_EQ(ask(standby()), "nothing");
  settle();
  EXPECT_TRUE(unplugged);
}

TEST_F(NiFaultTest, DataMeetsTheFaultsOfTheInstrumentAlone) {
  scope.faults().add({.kind = &kDongleLostFault, .count = 1, .operation = &kDongleWrite});
  EXPECT_EQ(error_of(write("x")), 0);
  command({0x3F, 0x40, 0x29, 0x62});
  plain(6);
  EXPECT_EQ(ask(write_message("x")), "nothing");
}

TEST_F(AgilentFaultTest, TheInterruptMayNotComeOrComeAfterTheQuestion) {
  while (report() != "nothing") {
  }
  fault(kDongleReportLostFault, {.count = 1, .operation = &kDongleComplete});
  EXPECT_EQ(command({0x3F}), 1);
  EXPECT_EQ(report(), "nothing");
  fault(kDongleReportLateFault, {.delay = 20ms, .count = 1, .operation = &kDongleComplete});
  EXPECT_EQ(command({0x3F}), 1);
  EXPECT_FALSE(put({.endpoint = dongle.model.interrupt, .room = 8}));
  EXPECT_EQ(wait()->data[0], 2);
  fault(kDongleReportExtraFault, {.count = 1, .error = 4});
  command({0x3F});
  EXPECT_EQ(report()[0], 4);
  EXPECT_EQ(report()[0], 2);
}

TEST_F(AgilentFaultTest, AReadIsRefusedSplitOrEndsAsAFaultSays) {
  write("abcdef?");
  address_talker();
  fault(kDongleRefuseFault, {.count = 1});
  read(10);
  EXPECT_EQ(why, agilent_end::kNotAddressed);
  fault(kDongleErrorFault, {.count = 1, .operation = &kDongleRead, .error = 0x40});
  read(10);
  EXPECT_EQ(why, 0x40);
  fault(kDongleSplitFault, {.pieces = 2, .count = 1, .operation = &kDongleRead});
  EXPECT_EQ(read(10), "abcdef") << "it is one packet";
  write(std::string(1200, 'x') + "?");
  address_talker();
  fault(kDongleSplitFault, {.delay = 10ms, .pieces = 2, .count = 1, .operation = &kDongleRead});
  EXPECT_TRUE(out(read_message(2000)));
  EXPECT_FALSE(put({.endpoint = dongle.model.in, .room = 2001}));
  const auto done = wait();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->data.size(), 1201U) << "one transfer, some of it later";
}

TEST_F(AgilentFaultTest, MessagesAndRequestsMayBeForgotten) {
  fault(kDongleErrorFault, {.count = 1, .operation = &kDongleRegisters, .error = 7});
  EXPECT_EQ(write_registers({3, 0x0B}), dongle_bytes({0xFB, 7}));
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleRegisters});
  EXPECT_EQ(write_registers({3, 0x0B}), "nothing");
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleCommand});
  EXPECT_EQ(command({0x3F}), -1);
  abort(0);
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleStatus});
  EXPECT_EQ(command({0x3F}), -1);
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleStop});
  EXPECT_FALSE(control(0xC0, 4, 0xA0, 0, 2));
}

TEST(DongleFaultsTest, AreKnownByName) {
  EXPECT_EQ(dongle_wire_kind().faults().size(), dongle_faults().size());
  for (const FaultKind* const one : dongle_faults()) {
    EXPECT_EQ(find_fault_kind(builtin_wires(), one->name), one);
  }
  for (const WireOperation* const one :
       {&kDongleRegisters, &kDongleLines, &kDongleCommand, &kDongleWrite, &kDongleRead,
        &kDongleStop, &kDongleStatus, &kDongleMonitor, &kDongleReady, &kDongleUpload, &kDonglePlug,
        &kDongleService, &kDongleComplete, &kDongleAcknowledge}) {
    EXPECT_EQ(find_operation(builtin_wires(), one->name), one);
  }
  EXPECT_EQ(find_dongle_operation("dongle"), nullptr);
}

}  // namespace
}  // namespace visa::sim
