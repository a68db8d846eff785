// SPDX-License-Identifier: MIT
// Opening, device clear and remote control.
#include "drivers/usb/tmc_device.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_tmc.h"

namespace visa::test {
namespace {

using Requests = std::vector<std::uint8_t>;

class TmcDeviceTest : public testing::Test {
 protected:
  OpenTmc tmc;

  Status clear() {
    return tmc.call([&](Call& call) { return tmc.device->clear(call); });
  }
  Status ren(spi::RenMode mode) {
    return tmc.call([&](Call& call) { return tmc.device->control_ren(mode, call); });
  }
};

// No device clear: an oscilloscope hangs when it is the first thing it gets.
TEST_F(TmcDeviceTest, OpeningAsksForCapabilitiesAndAssertsRemote) {
  tmc.open();
  EXPECT_EQ(tmc.model.control_requests, (Requests{7, 160}));
  EXPECT_EQ(tmc.model.ren, std::vector<std::uint16_t>{1});
}

// Pain 8: nothing optional where the instrument freezes on it, or does not have it.
TEST_F(TmcDeviceTest, OpeningSendsNothingOptionalWhereItShouldNot) {
  tmc.quirks.no_optional_requests = true;
  tmc.open();
  EXPECT_EQ(tmc.model.control_requests, Requests{7});
  OpenTmc plain;
  plain.model.capabilities_488 = 0x05;
  plain.open();
  EXPECT_EQ(plain.model.control_requests, Requests{7});
  EXPECT_EQ(plain.call([&](Call& call) {
    return plain.device->control_ren(spi::RenMode::assert_ren, call);
  }),
            Status::error_nsup_oper);
}

TEST_F(TmcDeviceTest, ClearDropsWhatIsLeftOnBothSides) {
  tmc.open();
  tmc.write("*IDN?\n");
  tmc.read(3);
  tmc.write("*ID", {spi::WriteEnd::none});
  EXPECT_EQ(clear(), Status::success);
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
}

TEST_F(TmcDeviceTest, ClearWaitsWhileItIsPending) {
  tmc.model.clear_pending = 4;
  tmc.open();
  EXPECT_EQ(clear(), Status::success);
  EXPECT_EQ(tmc.usb->pauses, 4);
  EXPECT_EQ(tmc.usb->halts_cleared, 1);
}

TEST_F(TmcDeviceTest, RefusedClearIsSaidAndTheSessionWorksOn) {
  tmc.model.clear_refused = true;
  tmc.open();
  EXPECT_EQ(clear(), Status::error_io);
  EXPECT_NE(tmc.detail.find("refuses"), std::string::npos);
  EXPECT_EQ(tmc.query("*IDN?\n"), kIdentity);
}

TEST_F(TmcDeviceTest, RemoteControlIsUsb488s) {
  using Mode = spi::RenMode;
  const std::pair<Mode, Requests> expected[] = {
      {Mode::deassert, {160}},          {Mode::assert_ren, {160}},
      {Mode::deassert_gtl, {161, 160}}, {Mode::assert_address, {160}},
      {Mode::assert_llo, {162}},        {Mode::assert_address_llo, {160, 162}},
      {Mode::address_gtl, {161}},
  };
  tmc.open();
  for (const auto& [mode, requests] : expected) {
    tmc.model.control_requests.clear();
    EXPECT_EQ(ren(mode), Status::success);
    EXPECT_EQ(tmc.model.control_requests, requests);
  }
}

TEST_F(TmcDeviceTest, CloseEndsWhatIsRunningAndGivesTheInterfaceBack) {
  tmc.open();
  tmc.model.silent = true;
  tmc.write("*IDN?\n");
  tmc.read();
  Call call(Deadline::after(std::chrono::seconds(1)));
  tmc.device->close(call);
  EXPECT_TRUE(tmc.usb->closed);
  EXPECT_EQ(tmc.usb->running, 0);
}

}  // namespace
}  // namespace visa::test
