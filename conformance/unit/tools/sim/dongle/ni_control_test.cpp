// SPDX-License-Identifier: MIT
// Requests on the control endpoint, and the monitor.
#include "conformance/unit/tools/sim/dongle/ni_rig.h"

namespace visa::sim {
namespace {

class NiControlTest : public NiRig {};

class NiPlusTest : public NiRig {
 protected:
  NiPlusTest() : NiRig("ni-hs-plus") {}
};

TEST_F(NiControlTest, IsReadyAfterSomeQuestions) {
  for (unsigned i = 0; i < NiFunction::kNotReady; ++i) {
    EXPECT_EQ(control(0xC0, 0x40, 0, 0, 16)->data, "\x40" + std::string(15, '\0'));
  }
  const std::string answer = control(0xC0, 0x40, 0, 0, 16)->data;
  EXPECT_EQ(answer.size(), 16U);
  EXPECT_TRUE(answer[6] != 0 || answer[7] != 0 || answer[10] != 0);
  EXPECT_EQ(control(0xC0, 0x41, 0, 0, 16)->data, dongle_bytes({0x41, 0xAB, 0x12, 0, 0}));
  EXPECT_EQ(control(0xC0, 0x48, 0, 0, 16)->status, UsbStatus::stall);
  EXPECT_EQ(control(0xC0, 0x99, 0, 0, 16)->status, UsbStatus::stall);
  EXPECT_EQ(control(0x40, 0x20, 0, 0, 0)->status, UsbStatus::stall);
}

TEST_F(NiPlusTest, HasRequestsOfItsOwn) {
  EXPECT_EQ(control(0xC0, 0x41, 0, 0, 16)->data.size(), 16U);
  EXPECT_EQ(control(0xC0, 0x48, 0, 0, 16)->data.substr(0, 3), "\x48\xF3\x30");
  EXPECT_EQ(control(0xC0, 0x4B, 1, 0, 2)->data, dongle_bytes({0x4B, 0}));
  EXPECT_EQ(control(0xC1, 0xF8, 0, 1, 9)->data.size(), 9U);
  EXPECT_EQ(device->functions().size(), 2U);
}

TEST_F(NiControlTest, AStopEndsWhatIsUnderWay) {
  start();
  write("ab?");
  address_talker();
  EXPECT_TRUE(out(read_message(10, 0x14, 'x', 0xF0)));
  EXPECT_EQ(data_of(in()), "ab") << "END comes first";
  EXPECT_TRUE(out(read_message(10, 0, 0, 0xF0)));
  EXPECT_EQ(in(), "nothing");
  EXPECT_EQ(control(0xC0, 0x20, 0, 0, 8)->data.size(), 8U);
  EXPECT_EQ(data_of(in()), "");
  EXPECT_EQ(error, 1);
  EXPECT_EQ(dongle.state.stops, 1U);
  control(0xC0, 0x20, 0, 0, 8);
  EXPECT_EQ(dongle.state.stops, 1U);
}

TEST_F(NiControlTest, ArmingIsAcknowledgedByBitsThatThereAreNot) {
  start();
  arm(0);
  EXPECT_EQ(report(), "nothing");
  EXPECT_EQ(arm(0x1000).size(), 8U);
  EXPECT_EQ(ibsta_of(report()), 0xFF00);
  EXPECT_EQ(report(), "nothing");
}

TEST_F(NiControlTest, ABitIsReportedOnce) {
  start();
  arm(0x1000);
  report();
  dongle.bus.find({5})->link().request_service();
  settle();
  EXPECT_EQ(ibsta_of(report()) & 0x1000, 0x1000);
  EXPECT_EQ(report(), "nothing");
  arm(0x1000);
  report();
  EXPECT_EQ(ibsta_of(report()) & 0x1000, 0x1000) << "at once, where it is true";
  dongle.bus.find({5})->link().serial_poll();
  settle();
  dongle.bus.find({5})->link().request_service();
  settle();
  EXPECT_EQ(report(), "nothing") << "it is not armed";
}

TEST_F(NiControlTest, ArmingBeforeAReplyIsFetchedIsCounted) {
  start();
  EXPECT_TRUE(out(ni_closed(dongle_bytes({6, 0, 0, 0}))));
  arm(0x1000);
  EXPECT_EQ(dongle.state.violations, 1U);
  EXPECT_EQ(control(0xC0, 0x21, 0x0200, 0, 8)->data.size(), 8U);
  EXPECT_EQ(dongle.state.violations, 1U) << "the status may be asked for";
}

TEST_F(NiControlTest, AReportMayBeLostOrComeAfterAnother) {
  start();
  fault(kDongleReportLostFault, {.count = 1, .operation = &kDongleAcknowledge});
  fault(kDongleReportExtraFault, {.count = 1, .operation = &kDongleService, .error = 0x0020});
  arm(0x1000);
  EXPECT_EQ(report(), "nothing");
  dongle.bus.find({5})->link().request_service();
  settle();
  EXPECT_EQ(ibsta_of(report()), 0x0020);
  EXPECT_EQ(ibsta_of(report()) & 0x1000, 0x1000);
}

}  // namespace
}  // namespace visa::sim
