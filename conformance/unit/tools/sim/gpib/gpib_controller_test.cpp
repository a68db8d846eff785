// SPDX-License-Identifier: MIT
// Command bytes, lines and data of a controller, judged by IEEE 488.1.
#include "tools/sim/gpib/gpib_controller.h"

#include <gtest/gtest.h>

#include <string>

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"

namespace visa::sim {
namespace {

class GpibControllerTest : public ::testing::Test {
 protected:
  GpibControllerTest() {
    bus.add(dmm, GpibPlace{5});
    bus.add(scope, GpibPlace{9, 2});
    controller.set_ifc(true);
    controller.set_ifc(false);
  }
  bool commands(std::initializer_list<int> bytes) {
    controller.set_atn(true);
    bool taken = true;
    for (const int byte : bytes) taken = controller.command(static_cast<std::uint8_t>(byte));
    controller.set_atn(false);
    return taken;
  }
  std::string read(std::size_t most = 100) { return controller.receive(most, {}).bytes; }

  EventLoop loop;
  DongleInstrument dmm;
  DongleInstrument scope;
  GpibBus bus{loop};
  GpibController controller{bus};
};

TEST_F(GpibControllerTest, IsInChargeAfterIfcAlone) {
  GpibController other(bus);
  EXPECT_FALSE(other.in_charge());
  other.set_atn(true);
  EXPECT_FALSE(other.atn());
  EXPECT_TRUE(controller.in_charge());
  EXPECT_TRUE(controller.line(GpibLine::atn));
}

TEST_F(GpibControllerTest, WritesToListenersAndReadsFromTheTalker) {
  EXPECT_TRUE(commands({0x3F, 0x40, 0x25}));
  EXPECT_TRUE(controller.talks());
  EXPECT_EQ(controller.send("abc?", true), GpibController::Sent::done);
  EXPECT_EQ(dmm.seen, "<abc?>");
  EXPECT_TRUE(commands({0x3F, 0x20, 0x45}));
  EXPECT_FALSE(controller.talks());
  EXPECT_TRUE(controller.listens());
  EXPECT_EQ(read(2), "ab");
  const auto rest = controller.receive(100, {});
  EXPECT_EQ(rest.bytes, "c");
  EXPECT_TRUE(rest.end);
  EXPECT_EQ(read(), "");
  controller.give_up_receiving();
  EXPECT_EQ(dmm.seen, "<abc?>") << "it has spoken";
}

TEST_F(GpibControllerTest, StopsAtAByteInSevenBitsOrEight) {
  commands({0x40, 0x25});
  controller.send("a\x8A\nb?", true);
  commands({0x3F, 0x20, 0x45});
  const auto seven = controller.receive(100, std::uint8_t{'\n'}, 0x7F);
  EXPECT_EQ(seven.bytes, "a\x8A");
  EXPECT_TRUE(seven.stopped);
  const auto eight = controller.receive(100, std::uint8_t{'\n'}, 0xFF);
  EXPECT_EQ(eight.bytes, "\n");
  EXPECT_TRUE(eight.stopped);
}

TEST_F(GpibControllerTest, SecondaryAddressesReachTheirDeviceAlone) {
  commands({0x3F, 0x40, 0x29});
  EXPECT_EQ(controller.send("x", true), GpibController::Sent::no_listener);
  EXPECT_FALSE(controller.line(GpibLine::ndac));
  commands({0x3F, 0x40, 0x29, 0x62});
  EXPECT_TRUE(controller.line(GpibLine::ndac));
  EXPECT_EQ(controller.send("x", true), GpibController::Sent::done);
  EXPECT_EQ(scope.seen, "<x>");
  commands({0x3F, 0x25, 0x67});
  EXPECT_TRUE(controller.line(GpibLine::ndac)) << "a device without one does not notice it";
}

TEST_F(GpibControllerTest, PollsUntilSpd) {
  dmm.status = 0x12;
  bus.find({5})->link().request_service();
  EXPECT_TRUE(controller.line(GpibLine::srq));
  commands({0x3F, 0x18, 0x45, 0x20});
  EXPECT_EQ(read(1), "\x52");
  EXPECT_FALSE(controller.line(GpibLine::srq));
  commands({0x19, 0x5F});
  EXPECT_EQ(read(1), "");
}

TEST_F(GpibControllerTest, ClearsAndTriggersThoseThatListen) {
  commands({0x3F, 0x25, 0x04, 0x08});
  EXPECT_EQ(dmm.seen, "(clear)(trigger)");
  commands({0x3F, 0x14});
  EXPECT_EQ(scope.seen, "(clear)");
}

TEST_F(GpibControllerTest, ATalkerThatSaysNothingIsUnterminated) {
  commands({0x20, 0x45});
  EXPECT_EQ(read(), "");
  controller.give_up_receiving();
  EXPECT_EQ(dmm.seen, "(unterminated)");
}

TEST_F(GpibControllerTest, KnowsDevicesThatAreOffOrStuck) {
  dmm.faults().add({.kind = &kGpibStuckFault, .count = 1});
  commands({0x40, 0x25});
  EXPECT_EQ(controller.send("x", true), GpibController::Sent::stuck);
  dmm.faults().add({.kind = &kGpibAbsentFault});
  EXPECT_EQ(controller.send("x", true), GpibController::Sent::no_listener);
  EXPECT_TRUE(commands({0x3F}));
  scope.faults().add({.kind = &kGpibAbsentFault});
  EXPECT_FALSE(commands({0x3F}));
}

TEST_F(GpibControllerTest, TctGivesControlAway) {
  commands({0x45, 0x09});
  EXPECT_FALSE(controller.in_charge());
  controller.set_ifc(true);
  controller.set_ifc(false);
  EXPECT_TRUE(controller.in_charge());
}

}  // namespace
}  // namespace visa::sim
