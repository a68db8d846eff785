// SPDX-License-Identifier: MIT
// An adapter that gets its firmware once, twice, or not at all.
#include "drivers/gpib/agilent_usb/firmware_loader.h"

#include <gtest/gtest.h>

#include <chrono>

#include "conformance/unit/drivers/support/fake_boot_port.h"

namespace visa::test {
namespace {

using namespace drivers::gpib::agilent;
using drivers::gpib::dongle::Stage;
using drivers::usb::UsbOutcome;

constexpr FirmwareKind kKind{"measat_releaseX1.8.hex", 0x4000, 0xE600};

class FirmwareLoaderTest : public testing::Test {
 protected:
  Status load() {
    auto ready = load_firmware(port_, *port_.now(), kKind, firmware_, call_);
    EXPECT_TRUE(!ready || ready->model->stage == Stage::ready);
    return ready.status();
  }
  bool says(const char* part) const { return call_.detail.find(part) != std::string::npos; }

  FakeBootPort port_;
  const HexFile firmware_ = parse_intel_hex(
      ":0200100001"
      "02EB\n:0100FF0003"
      "FD\n:00000001FF\n",
      kKind.room);
  Call call_{Deadline::after(std::chrono::seconds(20))};
};

TEST_F(FirmwareLoaderTest, LoadsTwiceWhereTheAdapterAsksTwice) {
  ASSERT_EQ(firmware_.fault, "");
  EXPECT_EQ(load(), Status::success) << call_.detail;
  EXPECT_EQ(port_.loads, 2U);
  EXPECT_EQ(port_.claims, 3U);  // the second time it was not permitted at once
  EXPECT_EQ(port_.memory, (std::map<std::uint16_t, std::uint8_t>{{0x10, 1}, {0x11, 2}, {0xFF, 3}}));
}

TEST_F(FirmwareLoaderTest, LoadsOnceWhereThatIsEnough) {
  port_.loads_needed = 1;
  EXPECT_EQ(load(), Status::success);
  EXPECT_EQ(port_.loads, 1U);
}

TEST_F(FirmwareLoaderTest, GivesUpWhereItIsNeverReady) {
  port_.loads_needed = 100;
  EXPECT_EQ(load(), Status::error_io);
  EXPECT_EQ(port_.loads, 3U);
  EXPECT_TRUE(says("right file"));
}

TEST_F(FirmwareLoaderTest, WaitsForItsReturnUntilTheDeadlineOnly) {
  port_.stays_away = true;
  call_.deadline = Deadline::after(std::chrono::milliseconds(5));
  EXPECT_EQ(load(), Status::error_tmo);
  EXPECT_TRUE(says("connect_timeout_ms")) << call_.detail;
  Call cancelled(Deadline::infinite());
  cancelled.cancel();
  port_.loads = 0;
  EXPECT_EQ(load_firmware(port_, *port_.now(), kKind, firmware_, cancelled).status(),
            Status::error_abort);
}

TEST_F(FirmwareLoaderTest, SaysWhatWentWrongInALoad) {
  port_.next_load = UsbOutcome::stalled;
  EXPECT_EQ(load(), Status::error_io);
  EXPECT_TRUE(says("refuses its firmware"));
  port_.next_load = UsbOutcome::gone;
  EXPECT_EQ(load(), Status::error_rsrc_nfound);
  port_.next_load = UsbOutcome::timed_out;
  EXPECT_EQ(load(), Status::error_tmo);
  port_.next_load = UsbOutcome::done;
  EXPECT_EQ(load(), Status::success);
}

TEST_F(FirmwareLoaderTest, AsksForPermissionNoLongerThanTheCallLasts) {
  port_.denials = 1000000;
  call_.deadline = Deadline::after(std::chrono::milliseconds(5));
  EXPECT_EQ(load(), Status::error_npermission);
  EXPECT_FALSE(call_.detail.empty());
}

}  // namespace
}  // namespace visa::test
