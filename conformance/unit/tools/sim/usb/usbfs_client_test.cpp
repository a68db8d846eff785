// SPDX-License-Identifier: MIT
// The ioctls of usbfs, as programs make them.
#include "tools/sim/usb/usbfs_client.h"

#include "conformance/unit/tools/sim/usb/usb_program.h"

namespace visa::sim {
namespace {

class UsbfsClientTest : public UsbMachineTest {
 protected:
  explicit UsbfsClientTest(UsbfsOptions options = {}) : UsbMachineTest(options) {
    add("[usb]\nraw = true\n");
    run();
  }
  usbdevfs_urb interrupt_urb(std::string& buffer) {
    usbdevfs_urb urb = blank_urb();
    urb.type = USBDEVFS_URB_TYPE_INTERRUPT;
    urb.endpoint = 0x83;
    urb.buffer = buffer.data();
    urb.buffer_length = static_cast<int>(buffer.size());
    return urb;
  }
};

TEST_F(UsbfsClientTest, AQueryIsAnswered) {
  UsbProgram program(machine->folder(), kFirstNode);
  ASSERT_TRUE(program.connected() && program.has_file());
  EXPECT_FALSE(program.writable(0));
  EXPECT_EQ(program.claim(0), 0);
  EXPECT_EQ(program.query("*IDN?", 1), kUsbIdentity);
  EXPECT_FALSE(program.writable(0)) << "all is reaped";
  EXPECT_EQ(program.reap(), nullptr);
  EXPECT_EQ(program.last_error, -EAGAIN);
}

TEST_F(UsbfsClientTest, ControlTransfersGoBothWays) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string data = usb_bytes({0xA1, 7, 0, 0, 0, 0, 24, 0}) + std::string(24, '\0');
  usbdevfs_urb urb = blank_urb();
  urb.type = USBDEVFS_URB_TYPE_CONTROL;
  urb.buffer = data.data();
  urb.buffer_length = static_cast<int>(data.size());
  EXPECT_EQ(program.submit(urb), 0);
  EXPECT_EQ(program.wait_and_reap(), &urb);
  EXPECT_EQ(urb.status, 0);
  EXPECT_EQ(urb.actual_length, 24);
  EXPECT_EQ(data[8], 1);
  data = usb_bytes({0x41, 1, 0, 0, 0, 0, 5, 0}) + "hello";
  urb.buffer = data.data();
  urb.buffer_length = static_cast<int>(data.size());
  EXPECT_EQ(program.submit(urb), 0);
  EXPECT_EQ(program.wait_and_reap(), &urb);
  EXPECT_EQ(urb.actual_length, 5);
  data = usb_bytes({0xC1, 9, 0, 0, 0, 0, 5, 0}) + std::string(5, '\0');
  urb.buffer = data.data();
  EXPECT_EQ(program.submit(urb), 0);
  EXPECT_EQ(program.wait_and_reap(), &urb);
  EXPECT_EQ(urb.status, -EPIPE);
}

TEST_F(UsbfsClientTest, WhatOneProgramHasClaimedIsBusyForOthers) {
  UsbProgram first(machine->folder(), kFirstNode);
  UsbProgram second(machine->folder(), kFirstNode);
  EXPECT_EQ(first.claim(0), 0);
  EXPECT_EQ(first.claim(0), 0);
  EXPECT_EQ(second.claim(0), -EBUSY);
  EXPECT_EQ(second.query("*IDN?", 1), "failed");
  EXPECT_EQ(second.claim(1), 0) << "the other interface is free";
  EXPECT_EQ(second.claim(7), -ENOENT);
  EXPECT_EQ(second.release(0), -EINVAL);
  EXPECT_EQ(first.release(0), 0);
  EXPECT_EQ(second.claim(0), 0);
}

TEST_F(UsbfsClientTest, ADeadProgramHoldsNothing) {
  auto first = std::make_unique<UsbProgram>(machine->folder(), kFirstNode);
  EXPECT_EQ(first->claim(0), 0);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  EXPECT_EQ(first->submit(urb), 0);
  EXPECT_TRUE(eventually([&] { return machine->holders(0) == 1; }));
  first->begin(1, USBDEVFS_CLAIMINTERFACE, 0);  // it dies inside a call
  first.reset();
  EXPECT_TRUE(eventually([&] { return machine->holders(0) == 0; }));
  UsbProgram second(machine->folder(), kFirstNode);
  EXPECT_EQ(second.claim(0), 0);
  EXPECT_EQ(second.query("*IDN?", 1), kUsbIdentity);
}

TEST_F(UsbfsClientTest, EachProgramReapsItsOwn) {
  UsbProgram first(machine->folder(), kFirstNode);
  UsbProgram second(machine->folder(), kFirstNode);
  EXPECT_EQ(first.claim(0), 0);
  EXPECT_EQ(second.claim(1), 0);
  std::string out = "*OPC?\n";
  EXPECT_EQ(second.bulk(4, out), 0);
  std::string in(512, '\0');
  usbdevfs_urb urb = blank_urb();
  urb.type = USBDEVFS_URB_TYPE_BULK;
  urb.endpoint = 0x85;
  urb.buffer = in.data();
  urb.buffer_length = 512;
  EXPECT_EQ(second.submit(urb), 0);
  EXPECT_TRUE(second.writable(20000));
  EXPECT_EQ(first.reap(), nullptr);
  EXPECT_EQ(second.reap(), &urb);
  EXPECT_EQ(in.substr(0, static_cast<std::size_t>(urb.actual_length)), "1\n");
}

TEST_F(UsbfsClientTest, TransfersAreDiscarded) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  EXPECT_EQ(program.ioctl(USBDEVFS_DISCARDURB, &urb), -EINVAL);
  EXPECT_EQ(program.submit(urb), 0);
  EXPECT_EQ(program.ioctl(USBDEVFS_DISCARDURB, &urb), 0);
  EXPECT_EQ(program.wait_and_reap(), &urb);
  EXPECT_EQ(urb.status, -ENOENT);
}

TEST_F(UsbfsClientTest, AReapMayWait) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  EXPECT_EQ(program.submit(urb), 0);
  usbdevfs_urb* reaped = nullptr;
  program.begin(1, USBDEVFS_REAPURB, reinterpret_cast<unsigned long>(&reaped));
  on_thread([&] { ones[0]->usbtmc->interrupt("hi"); });
  EXPECT_EQ(program.finish(), 0);
  EXPECT_EQ(reaped, &urb);
  EXPECT_EQ(buffer.substr(0, 2), "hi");
}

TEST_F(UsbfsClientTest, WhatMakesNoSenseIsRefused) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  urb.endpoint = 0x8F;
  EXPECT_EQ(program.submit(urb), -ENOENT);
  urb.type = USBDEVFS_URB_TYPE_ISO;
  EXPECT_EQ(program.submit(urb), -EINVAL);
  urb.type = USBDEVFS_URB_TYPE_CONTROL;
  urb.buffer_length = 7;
  EXPECT_EQ(program.submit(urb), -EINVAL);
  urb.buffer_length = 64;
  buffer[6] = 127;
  EXPECT_EQ(program.submit(urb), -EINVAL) << "longer than the buffer";
  EXPECT_EQ(program.ioctl(0x1234, nullptr), -ENOTTY);
  urb = interrupt_urb(buffer);
  urb.buffer_length = 17 << 20;
  EXPECT_EQ(program.submit(urb), -ENOMEM);
}

TEST_F(UsbfsClientTest, HaltsSpeedCapabilitiesAndDescriptors) {
  UsbProgram program(machine->folder(), kFirstNode);
  unsigned endpoint = 0x82;
  EXPECT_EQ(program.ioctl(USBDEVFS_CLEAR_HALT, &endpoint), 0);
  endpoint = 0x8F;
  EXPECT_EQ(program.ioctl(USBDEVFS_CLEAR_HALT, &endpoint), -ENOENT);
  EXPECT_EQ(program.ioctl(USBDEVFS_GET_SPEED, nullptr), 3);
  std::uint32_t can = 0;
  EXPECT_EQ(program.ioctl(USBDEVFS_GET_CAPABILITIES, &can), 0);
  EXPECT_NE(can & USBDEVFS_CAP_NO_PACKET_SIZE_LIM, 0U);
  std::string bytes(18, '\0');
  EXPECT_EQ(program.read(bytes.data(), bytes.size()), 18);
  EXPECT_EQ(bytes[1], 1);
  EXPECT_EQ(program.read(bytes.data(), 9), 9);
  EXPECT_EQ(bytes[1], 2) << "then the configuration";
  EXPECT_EQ(program.ioctl(USBDEVFS_RESET, nullptr), 0);
}

TEST_F(UsbfsClientTest, AfterUnpluggingWhatHasEndedIsReapedThenNothing) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  EXPECT_EQ(program.submit(urb), 0);
  plug(0, false);
  EXPECT_TRUE(program.writable(20000));
  EXPECT_EQ(program.reap(), &urb);
  EXPECT_EQ(urb.status, -ESHUTDOWN);
  EXPECT_EQ(program.reap(), nullptr);
  EXPECT_EQ(program.last_error, -ENODEV);
  EXPECT_EQ(program.claim(0), -ENODEV);
  EXPECT_EQ(program.read(buffer.data(), 1), -ENODEV);
  EXPECT_FALSE(UsbProgram(machine->folder(), kFirstNode).connected());
}

class SmallUrbsTest : public UsbfsClientTest {
 protected:
  SmallUrbsTest() : UsbfsClientTest({.small_urbs = true}) {}
};

TEST_F(SmallUrbsTest, NoTransferIsLongerThan16Kilobytes) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::uint32_t can = 0;
  EXPECT_EQ(program.ioctl(USBDEVFS_GET_CAPABILITIES, &can), 0);
  EXPECT_EQ(can & USBDEVFS_CAP_NO_PACKET_SIZE_LIM, 0U);
  std::string buffer(16385, '\0');
  usbdevfs_urb urb = interrupt_urb(buffer);
  EXPECT_EQ(program.submit(urb), -EINVAL);
}

}  // namespace
}  // namespace visa::sim
