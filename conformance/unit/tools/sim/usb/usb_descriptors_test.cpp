// SPDX-License-Identifier: MIT
// Descriptors byte by byte, strings in every script, and the standard requests.
#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/usb/usb_device.h"

namespace visa::sim {
namespace {

class UsbDescriptorsTest : public UsbRig {
 protected:
  std::string descriptor(int type, int index = 0) {
    const auto done = control(0x80, 6, type << 8 | index, 0, 255);
    return done->status == UsbStatus::success ? done->data : "stall";
  }
};

TEST_F(UsbDescriptorsTest, TheDeviceAndItsInterfaces) {
  EXPECT_EQ(descriptor(1),
            usb_bytes({18, 1, 0, 2, 0, 0, 0, 64, 0x09, 0x12, 1, 0, 0, 1, 1, 2, 3, 1}));
  const std::string all = descriptor(2);
  EXPECT_EQ(all.substr(0, 9), usb_bytes({9, 2, 39, 0, 1, 1, 0, 0xC0, 50}));
  EXPECT_EQ(all.substr(9, 9), usb_bytes({9, 4, 0, 0, 3, 0xFE, 3, 1, 0}));
  EXPECT_EQ(all.substr(18),
            usb_bytes({7, 5, 1, 2, 0, 2, 0, 7, 5, 0x82, 2, 0, 2, 0, 7, 5, 0x83, 3, 64, 0, 4}));
  EXPECT_EQ(control(0x80, 6, 2 << 8, 0, 9)->data.size(), 9U) << "no more than is asked for";
  EXPECT_EQ(descriptor(2, 1), "stall");
  EXPECT_EQ(descriptor(15), "stall");
  EXPECT_EQ(descriptor(99), "stall");
}

TEST_F(UsbDescriptorsTest, InterfacesHaveTheNumbersOfTheDescription) {
  plug_in(
      "[usb]\ninterface = 4\nraw = true\nraw_interface = 1\nusb488 = false\n"
      "interrupt = false\nraw_interrupt = false\n");
  const std::string all = descriptor(2);
  EXPECT_EQ(all[4], 2) << "interfaces";
  EXPECT_EQ(all.substr(9, 9), usb_bytes({9, 4, 4, 0, 2, 0xFE, 3, 0, 0}));
  EXPECT_EQ(all.substr(32, 9), usb_bytes({9, 4, 1, 0, 2, 0xFF, 0, 0, 0}));
}

TEST_F(UsbDescriptorsTest, SuperSpeedHasCompanions) {
  plug_in("[usb]\nspeed = \"super\"\n");
  EXPECT_EQ(descriptor(1).substr(2, 2), usb_bytes({0, 3}));
  EXPECT_EQ(descriptor(1)[7], 9);
  EXPECT_EQ(descriptor(2).substr(18, 13), usb_bytes({7, 5, 1, 2, 0, 4, 0, 6, 48, 0, 0, 0, 0}));
  EXPECT_EQ(descriptor(15).size(), 15U);
}

TEST_F(UsbDescriptorsTest, StringsAreUtf16) {
  EXPECT_EQ(descriptor(3, 0), usb_bytes({4, 3, 9, 4}));
  EXPECT_EQ(descriptor(3, 1), usb_string_descriptor("FreeVISA"));
  EXPECT_EQ(descriptor(3, 3), usb_string_descriptor("BENCH0001"));
  EXPECT_EQ(usb_string_descriptor("A\xC3\xB6\xE2\x82\xAC\xF0\x9F\x98\x80"),
            usb_bytes({12, 3, 'A', 0, 0xF6, 0, 0xAC, 0x20, 0x3D, 0xD8, 0x00, 0xDE}));
  EXPECT_EQ(usb_string_descriptor(std::string(300, 'x')).size(), 254U);
  EXPECT_EQ(usb_string_descriptor(std::string(125, 'x') + "\xF0\x9F\x98\x80").size(), 252U)
      << "no half of a character";
}

TEST_F(UsbDescriptorsTest, SerialNumbersMayBeMissingOrUnreadable) {
  plug_in("[usb]\nserial = \"\"\n");
  EXPECT_EQ(descriptor(1)[16], 0);
  plug_in("[usb]\nserial_unreadable = true\n");
  EXPECT_EQ(descriptor(1)[16], 3);
  EXPECT_EQ(descriptor(3, 3), "stall");
}

TEST_F(UsbDescriptorsTest, StandardRequests) {
  EXPECT_EQ(control(0x80, 0, 0, 0, 2)->data, usb_bytes({1, 0}));
  EXPECT_EQ(control(0x82, 0, 0, 0x82, 2)->data, usb_bytes({0, 0}));
  EXPECT_EQ(control(0x02, 3, 0, 0x82, 0)->status, UsbStatus::success);
  EXPECT_EQ(control(0x82, 0, 0, 0x82, 2)->data, usb_bytes({1, 0})) << "it is halted";
  EXPECT_EQ(control(0x02, 1, 0, 0x82, 0)->status, UsbStatus::success);
  EXPECT_FALSE(device->halted(0x82));
  EXPECT_EQ(control(0x02, 1, 0, 0x0F, 0)->status, UsbStatus::stall);
  EXPECT_EQ(control(0x00, 9, 1, 0, 0)->status, UsbStatus::success);
  EXPECT_EQ(control(0x00, 9, 2, 0, 0)->status, UsbStatus::stall);
  EXPECT_EQ(control(0x80, 8, 0, 0, 1)->data, "\x01");
  EXPECT_EQ(control(0x81, 10, 0, 0, 1)->data, std::string(1, '\0'));
  EXPECT_EQ(control(0x01, 11, 1, 0, 0)->status, UsbStatus::stall);
  EXPECT_EQ(control(0x80, 12, 0, 0, 1)->status, UsbStatus::stall);
}

}  // namespace
}  // namespace visa::sim
