// SPDX-License-Identifier: MIT
// The endpoints by product, and the adapter that FreeVISA does not flash.
#include "drivers/gpib/ni_usb/ni_family.h"

#include <gtest/gtest.h>

#include "conformance/unit/drivers/support/open_ni.h"

namespace visa::drivers::gpib::ni_usb {
namespace {

TEST(NiFamilyTest, KnowsTheProducts) {
  EXPECT_EQ(ni_dongle(0x725C).model->bulk_in, 0x84);
  EXPECT_EQ(ni_dongle(0x725D).name(), "MCC USB-488 01AB23CD at USB port 1-1");
  EXPECT_EQ(ni_dongle(0x7618).model->bulk_out, 0x01);
}

TEST(NiFamilyTest, AnAdapterWithoutItsFirmwareIsLeftAlone) {
  const auto dongle = ni_dongle(0x761E);
  EXPECT_EQ(dongle.model->stage, dongle::Stage::refused);
  EXPECT_NE(dongle.model->advice.find("NI-488.2"), std::string_view::npos);
}

}  // namespace
}  // namespace visa::drivers::gpib::ni_usb
