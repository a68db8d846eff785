// SPDX-License-Identifier: MIT
// The wire as the bench and the control socket see it. Programs that really open the devices are in
// conformance/clients/usb.
#include "tools/sim/usb/usb_server.h"

#include <gmock/gmock.h>

#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

BenchServer::Options options(std::vector<std::shared_ptr<const Description>> described) {
  BenchServer::Options result;
  result.instruments = {"dmm"};
  result.described = std::move(described);
  result.settings.options = {{"--usb", ""}};
  result.wires = {"socket", "usb"};
  return result;
}

class UsbServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!usb_preload_is_there()) GTEST_SKIP() << "umockdev is not installed";
    bench.emplace(
        options({usb_described("[usb]\nraw = true\nserial = \"S1\"\n"
                               "manufacturer = \"Maker\"\nmodel = \"Model\"\n")}));
  }
  std::string ask(const std::string& request) {
    std::string answer;
    bench->on_bench_thread([&](Bench& b) { answer = execute_control(b, request); });
    return answer;
  }
  std::optional<BenchServer> bench;
};

TEST_F(UsbServerTest, ResourcesHaveNamesAndPrograms) {
  EXPECT_EQ(bench->resource("dmm-usb"), "USB0::0x1209::0x0001::BENCH0001::INSTR");
  EXPECT_EQ(bench->resource("rig-usb"), "USB0::0x1209::0x0001::S1::INSTR");
  EXPECT_THAT(bench->configuration(), HasSubstr("alias = \"rig-usb\""));
  bench->on_bench_thread([](Bench& b) {
    EXPECT_EQ(b.environment().size(), 2U);
    const auto remarks = b.remarks();
    ASSERT_EQ(remarks.size(), 2U);
    EXPECT_THAT(remarks[0], HasSubstr("UMOCKDEV_DIR="));
    EXPECT_EQ(remarks[1], "usb raw USB0::0x1209::0x0001::S1::1::RAW");
  });
}

TEST_F(UsbServerTest, DevicesAreUnpluggedAndPluggedInByRequests) {
  EXPECT_THAT(ask(R"({"op":"state","instrument":"rig"})"), HasSubstr("\"plugged\":1"));
  EXPECT_THAT(ask(R"({"op":"unplug","instrument":"rig-usb"})"), HasSubstr("\"changed\":1"));
  EXPECT_THAT(ask(R"({"op":"state","instrument":"rig"})"), HasSubstr("\"plugged\":0"));
  EXPECT_THAT(ask(R"({"op":"notify","instrument":"rig","text":"x"})"), HasSubstr("\"sent\":0"));
  EXPECT_THAT(ask(R"({"op":"plug","instrument":"rig"})"), HasSubstr("\"changed\":1"));
  EXPECT_THAT(ask(R"({"op":"state","instrument":"rig"})"), HasSubstr("\"plugged\":1"));
  EXPECT_THAT(ask(R"({"op":"unplug"})"), HasSubstr("\"ok\":false"));
}

TEST_F(UsbServerTest, NotificationsAreBytes) {
  EXPECT_THAT(ask(R"({"op":"notify","instrument":"dmm","text":"\u0001\u00ff"})"),
              HasSubstr("\"sent\":1"));
  EXPECT_THAT(ask(R"({"op":"notify","instrument":"dmm","text":"\u0100"})"),
              HasSubstr("\"ok\":false"));
  EXPECT_THAT(ask(R"({"op":"notify","instrument":"dmm"})"), HasSubstr("expected"));
}

TEST(UsbWireTest, IsOpenedOnlyWhenAskedFor) {
  EventLoop loop;
  EXPECT_EQ(usb_wire_kind().open(loop, {}), nullptr);
  EXPECT_EQ(usb_wire_kind().find_operation("dev_dep_msg_in"), &kUsbtmcAnswer);
  EXPECT_EQ(usb_wire_kind().faults().size(), usb_faults().size());
}

TEST(UsbWireTest, WithoutUsbNothingCanBeUnplugged) {
  BenchServer bench;
  std::string answer;
  bench.on_bench_thread(
      [&](Bench& b) { answer = execute_control(b, R"({"op":"unplug","instrument":"dmm"})"); });
  EXPECT_THAT(answer, HasSubstr("--usb"));
}

TEST(UsbIdentityTest, WhatIsNotDescribedIsMadeUp) {
  const UsbIdentity first = usb_identity({}, 1);
  const UsbIdentity second = usb_identity({}, 2);
  EXPECT_EQ(first.serial, "BENCH0001");
  EXPECT_NE(first.serial, second.serial);
  UsbDescription same;
  same.serial = "S";
  EXPECT_EQ(usb_identity(same, 1).serial, usb_identity(same, 2).serial);
}

}  // namespace
}  // namespace visa::sim
