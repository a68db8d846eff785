// SPDX-License-Identifier: MIT
// The interface of a vendor's class: lines in, answers out, packets on the interrupt pipe.
#include "tools/sim/usb/usb_raw_function.h"

#include "conformance/unit/tools/sim/usb/usb_rig.h"

namespace visa::sim {
namespace {

class UsbRawTest : public UsbRig {
 protected:
  UsbRawTest() : UsbRig("[usb]\nusbtmc = false\nraw = true\nraw_interface = 0\n") {}
  bool put_line(const std::string& text) {
    return put({.endpoint = UsbRawFunction::kOut, .data = text + "\n"}).has_value();
  }
  std::string get(std::size_t room = 4096) {
    const auto done = receive(room, UsbRawFunction::kIn);
    if (!done) device->cancel(last_id);
    finished.clear();
    return done ? done->data : "nothing";
  }
};

TEST_F(UsbRawTest, LinesAreAnsweredEachWithAShortPacket) {
  EXPECT_TRUE(put_line("*IDN?\n*OPC?"));
  EXPECT_EQ(get(), kUsbIdentity);
  EXPECT_EQ(get(), "1\n");
  EXPECT_EQ(get(), "nothing");
}

TEST_F(UsbRawTest, AFullLastPacketIsFollowedByAnEmptyOne) {
  EXPECT_TRUE(put_line("TEXT \"" + std::string(509, 'x') + "\""));
  EXPECT_TRUE(put_line("TEXT?"));
  EXPECT_EQ(get().size(), 512U);
  EXPECT_TRUE(put_line("TEXT?"));
  EXPECT_EQ(get(512).size(), 512U);
  EXPECT_EQ(get(), "");
}

TEST_F(UsbRawTest, InputWaitsWhileAnswersAreNotFetched) {
  EXPECT_TRUE(put_line("TEXT \"" + std::string(60000, 'x') + "\""));
  EXPECT_TRUE(put_line("TEXT?"));
  EXPECT_TRUE(put_line("TEXT?"));
  EXPECT_FALSE(put_line("*OPC?"));
  EXPECT_EQ(receive(65536, UsbRawFunction::kIn)->data.size(), 60003U);
  settle();
  ASSERT_EQ(finished.size(), 1U) << "the line was taken";
}

TEST_F(UsbRawTest, RequestsForServiceAndOtherPackets) {
  EXPECT_TRUE(put_line("*ESE 1;*SRE 32;*OPC"));
  const auto packet = receive(64, UsbRawFunction::kInterrupt);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->data[0], UsbRawFunction::kServiceRequest);
  EXPECT_TRUE(one->raw->interrupt("own"));
  EXPECT_EQ(receive(2, UsbRawFunction::kInterrupt)->status, UsbStatus::babble);
  EXPECT_FALSE(one->raw->interrupt(""));
}

TEST_F(UsbRawTest, VendorRequestsAndReset) {
  EXPECT_EQ(control(0x41, 1, 0, 0, 2, "ab")->status, UsbStatus::success);
  EXPECT_EQ(control(0xC1, 1, 0, 0, 9)->data, "ab");
  EXPECT_EQ(control(0xA1, 7, 0, 0, 24)->status, UsbStatus::stall) << "it is no USBTMC";
  EXPECT_TRUE(put_line("*IDN?"));
  device->reset();
  EXPECT_EQ(get(), "nothing");
}

TEST_F(UsbRawTest, TheEndOfTheConnectionUnplugsIt) {
  fault(kDropFault, {.bytes = 3, .count = 1});
  EXPECT_TRUE(put_line("*IDN?"));
  EXPECT_FALSE(receive(100, UsbRawFunction::kIn));
  settle();
  EXPECT_TRUE(unplugged);
}

}  // namespace
}  // namespace visa::sim
