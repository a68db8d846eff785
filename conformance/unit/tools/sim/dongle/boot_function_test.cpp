// SPDX-License-Identifier: MIT
// Adapters without firmware: what they are until they have it, and after.
#include "tools/sim/dongle/boot_function.h"

#include "conformance/unit/tools/sim/dongle/dongle_rig.h"

namespace visa::sim {
namespace {

class BootFunctionTest : public DongleRig {
 protected:
  explicit BootFunctionTest(std::string_view model = "82357b") : DongleRig(model) {}
  void upload() {
    const int cpu = dongle.model.cpu;
    EXPECT_EQ(control(0x40, 0xA0, cpu, 0, 1, "\x01")->status, UsbStatus::success);
    EXPECT_EQ(control(0x40, 0xA0, 0, 0, 3, "abc")->status, UsbStatus::success);
    EXPECT_EQ(control(0x40, 0xA0, cpu, 0, 1, std::string(1, '\0'))->status, UsbStatus::success);
    settle();
    ASSERT_TRUE(unplugged);
    EXPECT_EQ(*unplugged, BootFunction::kAway);
    plug_in();
  }
};

class OnceTest : public BootFunctionTest {
 protected:
  OnceTest() : BootFunctionTest("82357a") {}
};

class NiBootTest : public BootFunctionTest {
 protected:
  NiBootTest() : BootFunctionTest("ni-hs-plus-boot") {}
};

TEST_F(BootFunctionTest, WantsItsFirmwareTwice) {
  EXPECT_EQ(device->identity().product, 0x0518);
  EXPECT_EQ(device->identity().serial, "");
  EXPECT_EQ(device->device_descriptor().substr(4, 3), "\xFF\xFF\xFF");
  EXPECT_TRUE(device->functions()[0]->layout().endpoints.empty());
  upload();
  EXPECT_EQ(device->identity().product, 0x0518);
  upload();
  EXPECT_EQ(device->identity().product, 0x0718);
  EXPECT_EQ(device->identity().serial, "MY00004779");
  EXPECT_EQ(dongle.state.uploads, 2U);
  plug_in();
  EXPECT_EQ(device->identity().product, 0x0518) << "it has lost its power";
}

TEST_F(OnceTest, WantsItOnce) {
  EXPECT_EQ(device->identity().product, 0x0007);
  upload();
  EXPECT_EQ(device->identity().product, 0x0107);
}

TEST_F(BootFunctionTest, NothingStartsWithoutFirmware) {
  const int cpu = dongle.model.cpu;
  control(0x40, 0xA0, cpu, 0, 1, "\x01");
  control(0x40, 0xA0, cpu, 0, 1, std::string(1, '\0'));
  settle();
  EXPECT_FALSE(unplugged);
  control(0x40, 0xA0, 0, 0, 3, "abc");
  EXPECT_EQ(dongle.state.violations, 1U) << "its processor runs";
  EXPECT_EQ(control(0xC0, 0xA0, 0, 0, 3)->status, UsbStatus::stall);
}

TEST_F(BootFunctionTest, AnUploadMayMeetFaults) {
  fault(kDongleSilenceFault, {.count = 1, .operation = &kDongleUpload});
  EXPECT_FALSE(control(0x40, 0xA0, dongle.model.cpu, 0, 1, "\x01"));
}

TEST_F(NiBootTest, StaysWhatItIs) {
  EXPECT_EQ(device->identity().product, 0x761E);
  EXPECT_EQ(device->functions()[0]->layout().endpoints.size(), 2U);
  EXPECT_EQ(control(0x40, 0xA0, 0x7F92, 0, 1, "\x01")->status, UsbStatus::stall);
}

}  // namespace
}  // namespace visa::sim
