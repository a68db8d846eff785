// SPDX-License-Identifier: MIT
// Requests by interrupts of the links, and by the line where a gateway has no interrupts.
#include "drivers/gpib/gateway/gateway_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "conformance/unit/drivers/support/fake_gateway.h"
#include "conformance/unit/support/patience.h"

namespace visa::drivers::gpib::gateway {
namespace {

using test::FakeGateway;
using test::kPatience;
using namespace std::chrono_literals;

class GatewayServiceTest : public testing::Test {
 protected:
  GatewayServiceTest() {
    for (const char* name : {"gpib0", "gpib0,5", "gpib0,6"}) wire.devices[name];
    EXPECT_TRUE(links.device({5}, call).has_value());
  }
  ~GatewayServiceTest() override { links.close(call); }
  Status wait(std::chrono::milliseconds time = 0ms) {
    Call own(Deadline::after(time));
    const auto events = service.wait(own);
    if (!events) return events.status();
    EXPECT_EQ(*events, BusEvents::service);
    return Status::success;
  }

  FakeGateway wire;
  GatewayLinks links{{"host", "gpib0"}, {}, wire};
  GatewayService service{links};
  Call call{Deadline::after(kPatience)};
};

TEST_F(GatewayServiceTest, ANotificationEndsOneWait) {
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(wire.times("gpib0,5 enable"), 1U);
  EXPECT_EQ(wire.times("gpib0 open"), 0U);  // the line is not asked for
  wire.request("gpib0,5");
  EXPECT_EQ(wait(), Status::success);
  EXPECT_EQ(wait(), Status::error_tmo);
}

// A gateway does not tell of a request that comes while SRQ is asserted.
TEST_F(GatewayServiceTest, APollThatFoundARequestMakesTheBusLookAgain) {
  EXPECT_EQ(wait(), Status::error_tmo);
  service.found();
  EXPECT_EQ(wait(), Status::success);
  EXPECT_EQ(wait(), Status::error_tmo);
}

TEST_F(GatewayServiceTest, WithoutInterruptsTheLineIsAskedFor) {
  wire.devices["gpib0,5"].enabling = Status::error_nsup_oper;
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(wire.times("gpib0 cmd 20001 0002"), 1U);
  wire.with([](FakeGateway& of) { of.lines[2] = 1; });
  EXPECT_EQ(wait(), Status::success);
  EXPECT_EQ(wait(), Status::success);  // a level
}

// Whatever create_intr_chan and device_enable_srq answer: the first to them is 6 or 8.
TEST_F(GatewayServiceTest, AnyFailureToEnableIsTriedAgainAndTheLineAskedForMeanwhile) {
  std::size_t tries = 0;
  for (const Status error :
       {Status::error_nsup_mech, Status::error_io, Status::error_alloc, Status::error_rsrc_locked,
        Status::error_tmo, Status::error_system_error, Status::error_conn_lost}) {
    wire.with([&](FakeGateway& of) {
      of.devices["gpib0,5"].enabling = error;
      of.lines[2] = 1;
    });
    EXPECT_EQ(wait(), Status::success);
    EXPECT_EQ(wire.times("gpib0,5 enable"), ++tries);
    EXPECT_EQ(wire.times("gpib0 cmd 20001 0002"), tries);
  }
  wire.with([](FakeGateway& of) {
    of.devices["gpib0,5"].enabling = Status::success;
    of.lines[2] = 0;
  });
  EXPECT_EQ(wait(), Status::error_tmo);
  wire.request("gpib0,5");
  EXPECT_EQ(wait(), Status::success);
}

TEST_F(GatewayServiceTest, AGatewayWithoutInterruptsAndLinesCannotTellOfRequests) {
  EXPECT_EQ(service.find(call), Status::success);
  EXPECT_EQ(wire.times("gpib0 open"), 0U);
  EXPECT_TRUE(links.device({6}, call).has_value());
  wire.devices["gpib0,6"].enabling = Status::error_nsup_mech;
  EXPECT_EQ(service.find(call), Status::success);  // the line is there
  wire.knows_commands = false;
  EXPECT_EQ(service.find(call), Status::error_nsup_mech);
  EXPECT_NE(call.detail.find("viReadSTB"), std::string::npos) << call.detail;
  wire.devices["gpib0"].next = Status::error_tmo;  // may pass
  EXPECT_EQ(service.find(call), Status::error_tmo);
}

TEST_F(GatewayServiceTest, ALinkOfTheInterfaceThatIsLostIsMadeAnew) {
  wire.devices["gpib0,5"].enabling = Status::error_nsup_oper;
  wire.devices["gpib0"].next = Status::error_conn_lost;
  EXPECT_EQ(wait(), Status::error_conn_lost);
  EXPECT_EQ(wait(), Status::error_tmo);
  EXPECT_EQ(wire.times("gpib0 open"), 2U);
}

TEST_F(GatewayServiceTest, ANewLinkIsEnabledWhileAThreadWaits) {
  Call waiting(Deadline::after(kPatience));
  std::thread thread([&] { EXPECT_EQ(*service.wait(waiting), BusEvents::service); });
  EXPECT_TRUE(links.device({6}, call).has_value());
  while (wire.times("gpib0,6 enable") == 0 && !call.deadline.expired()) {
    service.look_again();
    std::this_thread::yield();
  }
  wire.request("gpib0,6");
  thread.join();
}

TEST_F(GatewayServiceTest, ACancelledWaitEnds) {
  Call own(Deadline::after(kPatience));
  std::thread thread([&] { EXPECT_EQ(service.wait(own).status(), Status::error_abort); });
  while (wire.times("gpib0,5 enable") == 0 && !call.deadline.expired()) std::this_thread::yield();
  own.cancel();
  service.look_again();
  thread.join();
}

}  // namespace
}  // namespace visa::drivers::gpib::gateway
