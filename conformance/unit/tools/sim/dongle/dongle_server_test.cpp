// SPDX-License-Identifier: MIT
// The wire as the bench and the control socket see it. Programs that really open the adapters are
// in conformance/clients/dongle.
#include "tools/sim/dongle/dongle_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conformance/unit/tools/sim/usb/usb_program.h"
#include "tools/sim/bench/bench_server.h"
#include "tools/sim/control/control_commands.h"
#include "tools/sim/description/description.h"
#include "tools/sim/dongle/dongle_wire.h"
#include "tools/sim/usb/usb_wire.h"

namespace visa::sim {
namespace {

using testing::HasSubstr;

class DongleServerTest : public ::testing::Test {
 protected:
  void begin(const std::string& model, std::map<std::string, std::string, std::less<>> more = {},
             std::vector<std::string> wires = {"usb", "dongle"}) {
    if (!usb_preload_is_there()) GTEST_SKIP() << "umockdev is not installed";
    BenchServer::Options options;
    options.instruments = {"dmm"};
    options.described = {read_description(
        "[instrument]\nname = \"rig\"\nidentity = \"A,B,C,D\"\n[dongle]\naddress = \"9,2\"\n",
        "rig.toml")};
    options.settings.options = std::move(more);
    options.settings.options["--dongle"] = model;
    options.wires = std::move(wires);
    bench.emplace(options);
  }
  std::string ask(const std::string& request) {
    std::string answer;
    bench->on_bench_thread([&](Bench& b) { answer = execute_control(b, request); });
    return answer;
  }
  std::optional<BenchServer> bench;
};

TEST_F(DongleServerTest, InstrumentsAreOnItsBus) {
  begin("ni-hs");
  if (!bench) return;
  EXPECT_EQ(bench->resource("dmm-dongle"), "GPIB0::1::INSTR");
  EXPECT_EQ(bench->resource("rig-dongle"), "GPIB0::9::2::INSTR");
  bench->on_bench_thread([](Bench& b) {
    EXPECT_EQ(b.environment().size(), 2U);
    EXPECT_THAT(b.remarks().at(0), HasSubstr("dongle LD_PRELOAD="));
  });
  EXPECT_THAT(ask(R"({"op":"unplug","instrument":"rig-dongle"})"), HasSubstr("\"changed\":1"));
  EXPECT_THAT(ask(R"({"op":"state","instrument":"rig-dongle"})"), HasSubstr("\"plugged\":0"));
}

TEST_F(DongleServerTest, FirmwareIsThereForAdaptersThatWantIt) {
  begin("82357b", {{"--gpib", "prologix"}, {"--dongle-kernel-driver", ""}});
  if (!bench) return;
  const std::string text = bench->configuration();
  EXPECT_THAT(text, HasSubstr("name = \"GPIB1\"\nadapter = \"usb://1-"));
  const std::size_t from = text.find("firmware = \"") + 12;
  const std::string file = text.substr(from, text.find('"', from) - from);
  EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

TEST_F(DongleServerTest, SharesTheMachineWithUsb) {
  begin("ni-hs", {{"--usb", ""}});
  if (!bench) return;
  bench->on_bench_thread([](Bench& b) {
    const auto environment = b.environment();
    ASSERT_EQ(environment.size(), 4U);
    EXPECT_EQ(environment[1], environment[3]);
  });
}

// A program has devices open that were unplugged, and the server of one goes while that of the
// other has the machine still.
TEST_F(DongleServerTest, NoUnpluggedDeviceOutlivesItsServer) {
  for (const auto& wires : {std::vector<std::string>{"usb", "dongle"}, {"dongle", "usb"}}) {
    begin("ni-hs", {{"--usb", ""}}, wires);
    if (!bench) return;
    std::string folder;
    bench->on_bench_thread([&folder](Bench& b) { folder = b.environment()[1]; });
    folder.erase(0, folder.find('=') + 1);
    const std::string nodes[] = {"/dev/bus/usb/001/002", "/dev/bus/usb/001/003"};
    UsbProgram adapter(folder, nodes[0]);
    UsbProgram instrument(folder, nodes[1]);
    EXPECT_EQ(adapter.claim(0), 0);
    EXPECT_EQ(instrument.claim(0), 0);
    ask(R"({"op":"unplug","instrument":"dmm-dongle"})");
    ask(R"({"op":"unplug","instrument":"dmm-usb"})");
    const auto end = Clock::now() + std::chrono::seconds(20);
    for (const std::string& node : nodes) {
      while (std::filesystem::exists(folder + node) && Clock::now() < end) ask("{}");
      EXPECT_FALSE(std::filesystem::exists(folder + node));
    }
    bench.reset();  // the address sanitizer looks on
    EXPECT_FALSE(std::filesystem::exists(folder));
  }
}

TEST(DongleWireTest, IsOpenedOnlyWhenAskedFor) {
  EventLoop loop;
  EXPECT_EQ(dongle_wire_kind().open(loop, {}), nullptr);
  WireSettings settings;
  settings.options["--dongle"] = "nonsense";
  EXPECT_THROW(dongle_wire_kind().open(loop, settings), std::invalid_argument);
  for (const DongleModel& one : dongle_models()) {
    EXPECT_EQ(find_dongle_model(one.name), &one);
    const auto words = dongle_wire_kind().options()[0].words;
    EXPECT_NE(std::find(words.begin(), words.end(), one.name), words.end()) << one.name;
  }
}

TEST(DongleFirmwareTest, IsIntelHex) {
  const std::string text = dongle_firmware();
  EXPECT_TRUE(text.starts_with(":10000000"));
  EXPECT_TRUE(text.ends_with(":00000001FF\n"));
  unsigned sum = 0;
  for (std::size_t at = 1; at + 1 < text.find('\n'); at += 2) {
    sum += static_cast<unsigned>(std::stoul(text.substr(at, 2), nullptr, 16));
  }
  EXPECT_EQ(sum & 0xFFU, 0U);
}

}  // namespace
}  // namespace visa::sim
