// SPDX-License-Identifier: MIT
// From the plugged adapter to the controller, with and without firmware.
#include "drivers/gpib/agilent_usb/agilent_board.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "conformance/unit/drivers/support/fake_boot_port.h"
#include "conformance/unit/support/temp_folder.h"

namespace visa::test {
namespace {

using namespace drivers::gpib::agilent;
using drivers::gpib::BoardRequest;

class AgilentBoardTest : public testing::Test {
 protected:
  Status open() {
    spi::Settings settings;
    settings["firmware"] = folder_.path();
    const BoardRequest request{0, "", settings};
    auto opened = open_adapter(port_, *port_.now(), request, call_);
    if (opened) (*opened)->close(call_);
    return opened.status();
  }

  FakeBootPort port_;
  TempFolder folder_;
  Call call_{Deadline::after(std::chrono::seconds(20))};
};

TEST_F(AgilentBoardTest, OpensAnAdapterThatNeedsItsFirmware) {
  folder_.make("measat_releaseX1.8.hex", ":0100000001FE\n:00000001FF\n");
  EXPECT_EQ(open(), Status::success) << call_.detail;
  EXPECT_EQ(port_.loads, 2U);
  EXPECT_TRUE(port_.plug->closed);
}

TEST_F(AgilentBoardTest, OpensAnAdapterThatHasIt) {
  port_.loads_needed = 0;
  EXPECT_EQ(open(), Status::success) << call_.detail;
  EXPECT_EQ(port_.loads, 0U);
}

TEST_F(AgilentBoardTest, SaysThatTheFirmwareIsMissing) {
  EXPECT_EQ(open(), Status::error_inv_setup);
  EXPECT_NE(call_.detail.find("measat_releaseX1.8.hex"), std::string::npos) << call_.detail;
  EXPECT_NE(call_.detail.find("82357B"), std::string::npos);
}

TEST_F(AgilentBoardTest, FirmwareThatDoesNotRunIsNoResource) {
  folder_.make("measat_releaseX1.8.hex", ":0100000001FE\n:00000001FF\n");
  port_.loads_needed = 100;
  EXPECT_EQ(open(), Status::error_rsrc_nfound);
}

}  // namespace
}  // namespace visa::test
