// SPDX-License-Identifier: MIT
// Edges and levels of SRQ, and ends of writes.
#include "drivers/gpib/agilent_usb/agilent_reports.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

namespace visa::drivers::gpib::agilent {
namespace {

using Service = AgilentReports::Service;
using usb::UsbOutcome;

class AgilentReportsTest : public testing::Test {
 protected:
  void tell(unsigned bits) {
    const std::array<std::byte, 8> packet{static_cast<std::byte>(bits)};
    reports_.interrupt(UsbOutcome::done, packet);
  }
  AgilentReports reports_;
  Call now_{Deadline::immediate()};
  Call patient_{Deadline::after(std::chrono::seconds(20))};
};

TEST_F(AgilentReportsTest, TellsTheEndOfTheWriteThatIsExpected) {
  tell(2);
  reports_.expect_sent();
  EXPECT_EQ(reports_.wait_sent(now_, now_.deadline), UsbOutcome::timed_out);
  tell(2);
  EXPECT_EQ(reports_.wait_sent(now_, now_.deadline), UsbOutcome::done);
  EXPECT_EQ(reports_.wait_sent(now_, now_.deadline), UsbOutcome::timed_out);
}

TEST_F(AgilentReportsTest, KeepsServiceUntilTheLineWasSeenUnasserted) {
  EXPECT_EQ(reports_.wait_service(now_), Service::timed_out);
  tell(1);
  EXPECT_TRUE(reports_.service());
  EXPECT_EQ(reports_.wait_service(now_), Service::asserted);
  EXPECT_EQ(reports_.wait_service(now_), Service::perhaps);
  reports_.note_service(true, reports_.edges());
  EXPECT_EQ(reports_.wait_service(now_), Service::asserted);
  reports_.note_service(false, reports_.edges());
  EXPECT_EQ(reports_.wait_service(now_), Service::timed_out);
}

TEST_F(AgilentReportsTest, AnEdgeThatComesDuringTheLookCounts) {
  const auto before = reports_.edges();
  tell(1);
  reports_.note_service(false, before);
  EXPECT_EQ(reports_.wait_service(now_), Service::asserted);
}

TEST_F(AgilentReportsTest, EndsWaitsThatAreCancelledOrLost) {
  Call cancelled(Deadline::infinite());
  std::thread other([&] {
    cancelled.cancel();
    reports_.wake();
  });
  EXPECT_EQ(reports_.wait_service(cancelled), Service::cancelled);
  other.join();
  EXPECT_EQ(reports_.wait_sent(cancelled, Deadline::infinite()), UsbOutcome::cancelled);
  reports_.interrupt(UsbOutcome::gone, {});
  EXPECT_EQ(reports_.wait_service(patient_), Service::gone);
  EXPECT_EQ(reports_.wait_sent(patient_, patient_.deadline), UsbOutcome::gone);
}

TEST_F(AgilentReportsTest, NobodyWaitsForReportsThatDoNotCome) {
  reports_.interrupt(UsbOutcome::stalled, {});
  EXPECT_TRUE(reports_.silent());
  EXPECT_EQ(reports_.wait_sent(patient_, patient_.deadline), UsbOutcome::stopped);
  EXPECT_EQ(reports_.wait_service(patient_), Service::unheard);
  reports_.note_service(true, reports_.edges());
  EXPECT_EQ(reports_.wait_service(patient_), Service::asserted);
}

TEST_F(AgilentReportsTest, AfterARestartTheLineIsLookedAt) {
  reports_.interrupt(UsbOutcome::stalled, {});
  EXPECT_EQ(reports_.restartable(), UsbOutcome::stalled);
  reports_.restart();
  EXPECT_FALSE(reports_.silent());
  EXPECT_EQ(reports_.wait_service(now_), Service::perhaps);
  reports_.note_service(false, reports_.edges());
  EXPECT_EQ(reports_.wait_service(now_), Service::timed_out);
  EXPECT_EQ(reports_.wait_sent(now_, now_.deadline), UsbOutcome::timed_out);
}

TEST_F(AgilentReportsTest, IsRestartedAFewTimesOnlyUnlessAReportComes) {
  EXPECT_FALSE(reports_.restartable().has_value());
  for (int round = 0; round < 2; ++round) {
    for (unsigned i = 0; i < AgilentReports::kMostTries; ++i) {
      reports_.interrupt(UsbOutcome::failed, {});
      EXPECT_EQ(reports_.restartable(), UsbOutcome::failed);
      reports_.restart();
    }
    reports_.interrupt(UsbOutcome::failed, {});
    EXPECT_FALSE(reports_.restartable().has_value());
    tell(2);  // as if the last one had brought it
  }
  reports_.interrupt(UsbOutcome::gone, {});
  EXPECT_FALSE(reports_.restartable().has_value());
  EXPECT_FALSE(reports_.silent());
}

TEST_F(AgilentReportsTest, WakesTheThreadThatWaits) {
  std::thread other([&] { tell(3); });
  EXPECT_EQ(reports_.wait_sent(patient_, patient_.deadline), UsbOutcome::done);
  EXPECT_EQ(reports_.wait_service(patient_), Service::asserted);
  other.join();
}

}  // namespace
}  // namespace visa::drivers::gpib::agilent
