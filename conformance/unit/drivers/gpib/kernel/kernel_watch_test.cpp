// SPDX-License-Identifier: MIT
#include "drivers/gpib/kernel/kernel_watch.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/fake_gpib.h"
#include "conformance/unit/support/patience.h"
#include "drivers/gpib/kernel/kernel_abi.h"

namespace visa::drivers::gpib::kernel {
namespace {

using test::FakeGpib;
using test::GpibKernelModel;
using test::kPatience;
using namespace std::chrono_literals;

class KernelWatchTest : public testing::Test {
 protected:
  ~KernelWatchTest() override {
    Call call(Deadline::after(kPatience));
    watch.close(call);
  }
  Result<BusEvents> wait(BusEvents wanted, Deadline until = Deadline::after(kPatience)) {
    Call call(until);
    return watch.wait(wanted, call);
  }
  void request(std::uint8_t primary) {
    board.model().with([&](GpibKernelModel& model) { model.instruments[{primary}].status = 0x40; });
  }
  FakeGpib board;
  std::string path = board.path();
  KernelWatch watch{path};
};

TEST_F(KernelWatchTest, AnAssertedSrqIsThereAtOnceEachTime) {
  request(5);
  EXPECT_EQ(*wait(BusEvents::service), BusEvents::service);
  EXPECT_EQ(*wait(BusEvents::service), BusEvents::service);
}

TEST_F(KernelWatchTest, WaitsForSrqBesideOtherRequests) {
  std::thread other([&] { request(5); });
  EXPECT_EQ(*wait(BusEvents::service), BusEvents::service);
  other.join();
}

TEST_F(KernelWatchTest, TheDeadlineEndsTheWait) {
  EXPECT_EQ(wait(BusEvents::service, Deadline::after(10ms)).status(), Status::error_tmo);
  EXPECT_EQ(wait(BusEvents::service, Deadline::immediate()).status(), Status::error_tmo);
}

TEST_F(KernelWatchTest, ACancelEndsTheWait) {
  Call call(Deadline::infinite());
  std::thread other([&] {
    call.cancel();
    watch.wake();
  });
  EXPECT_EQ(watch.wait(BusEvents::service, call).status(), Status::error_abort);
  other.join();
}

TEST_F(KernelWatchTest, ReportsClearAndTriggerFromTheQueue) {
  board.model().with([](GpibKernelModel& model) { model.events = {kTriggerEvent, kClearEvent}; });
  EXPECT_EQ(*wait(BusEvents::clear | BusEvents::trigger), BusEvents::clear | BusEvents::trigger);
  EXPECT_EQ(wait(BusEvents::clear, Deadline::after(5ms)).status(), Status::error_tmo);
}

// EPIPE: the kernel says once that some were lost.
TEST_F(KernelWatchTest, EventsThatTheKernelHasLostDoNotHideTheOthers) {
  board.model().with([](GpibKernelModel& model) { model.events = {kTriggerEvent}; });
  board.model().fail_next(kEvent, EPIPE);
  EXPECT_EQ(*wait(BusEvents::trigger), BusEvents::trigger);
}

TEST_F(KernelWatchTest, ReportsThatControlIsLostAndComesBack) {
  EXPECT_EQ(wait(BusEvents::controller, Deadline::immediate()).status(), Status::error_tmo);
  board.model().with([](GpibKernelModel& model) { model.in_charge = false; });
  EXPECT_EQ(*wait(BusEvents::controller), BusEvents::controller);
  board.model().with([](GpibKernelModel& model) { model.in_charge = true; });
  EXPECT_EQ(*wait(BusEvents::controller), BusEvents::controller);
}

TEST_F(KernelWatchTest, ImpossibleStatusMeansThatTheAdapterIsGone) {
  board.model().with([](GpibKernelModel& model) { model.unplugged = true; });
  EXPECT_EQ(wait(BusEvents::service).status(), Status::error_conn_lost);
}

TEST_F(KernelWatchTest, AnInterruptedWaitGoesOn) {
  request(5);
  board.model().fail_next(kWait, EINTR);
  EXPECT_EQ(*wait(BusEvents::service), BusEvents::service);
}

}  // namespace
}  // namespace visa::drivers::gpib::kernel
