// SPDX-License-Identifier: MIT
// The pipe that stands for a device, and what becomes of programs when the device leaves.
#include "tools/sim/usb/usbfs_node.h"

#include "conformance/unit/tools/sim/usb/usb_program.h"

namespace visa::sim {
namespace {

class UsbfsNodeTest : public UsbMachineTest {
 protected:
  UsbfsNodeTest() {
    add("");
    run();
  }
};

TEST_F(UsbfsNodeTest, PollSaysWhenSomethingIsToBeReaped) {
  UsbProgram program(machine->folder(), kFirstNode);
  std::string buffer(64, '\0');
  usbdevfs_urb urb = blank_urb();
  urb.type = USBDEVFS_URB_TYPE_INTERRUPT;
  urb.endpoint = 0x83;
  urb.buffer = buffer.data();
  urb.buffer_length = 64;
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(program.writable(0));
    EXPECT_EQ(program.submit(urb), 0);
    EXPECT_FALSE(program.writable(0));
    on_thread([&] { ones[0]->usbtmc->interrupt("x"); });
    EXPECT_TRUE(program.writable(20000));
    EXPECT_EQ(program.reap(), &urb);
  }
}

TEST_F(UsbfsNodeTest, WhatADeadProgramDidNotReapDisturbsNobody) {
  auto first = std::make_unique<UsbProgram>(machine->folder(), kFirstNode);
  UsbProgram second(machine->folder(), kFirstNode);
  std::string data = usb_bytes({0x80, 6, 0, 1, 0, 0, 18, 0}) + std::string(18, '\0');
  usbdevfs_urb urb = blank_urb();
  urb.type = USBDEVFS_URB_TYPE_CONTROL;
  urb.buffer = data.data();
  urb.buffer_length = static_cast<int>(data.size());
  EXPECT_EQ(first->submit(urb), 0);
  EXPECT_TRUE(second.writable(20000)) << "poll() speaks to all";
  first.reset();
  on_thread([] {});
  const auto end = Clock::now() + std::chrono::seconds(20);
  while (second.writable(0) && Clock::now() < end) {
  }
  EXPECT_FALSE(second.writable(0));
}

TEST_F(UsbfsNodeTest, APluggedInDeviceHasANewFile) {
  plug(0, false);
  plug(0, true);
  EXPECT_FALSE(std::filesystem::exists(path(kFirstNode)));
  EXPECT_TRUE(std::filesystem::is_fifo(path("/dev/bus/usb/001/003")));
}

}  // namespace
}  // namespace visa::sim
