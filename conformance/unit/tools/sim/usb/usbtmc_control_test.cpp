// SPDX-License-Identifier: MIT
// The requests: aborts and clear with their answers, capabilities, status, remote and local.
#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/usb/usbtmc_function.h"

namespace visa::sim {
namespace {

constexpr int kIn = UsbtmcFunction::kIn;
constexpr int kOut = UsbtmcFunction::kOut;

class UsbtmcControlTest : public UsbRig {
 protected:
  std::string interrupt_packet() {
    const auto done = receive(64, UsbtmcFunction::kInterrupt);
    return done ? done->data : "nothing";
  }
};

TEST_F(UsbtmcControlTest, CapabilitiesAreThoseOfTheDescription) {
  const std::string all = ask(UsbtmcRequest::get_capabilities, 0, 24);
  EXPECT_EQ(all,
            usb_bytes({1, 0, 0, 1, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7, 15, 0, 0, 0, 0, 0, 0, 0, 0}));
  plug_in("[usb]\nusb488 = false\ncapabilities = [\"talk-only\", \"listen-only\"]\n");
  EXPECT_EQ(ask(UsbtmcRequest::get_capabilities, 0, 24),
            usb_bytes({1, 0, 0, 1, 3, 0}) + std::string(18, '\0'));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 2, 3), "stall") << "of the subclass";
  EXPECT_EQ(ask(UsbtmcRequest::indicator_pulse, 0, 1), "stall");
}

TEST_F(UsbtmcControlTest, WhatIsNoRequestStalls) {
  EXPECT_EQ(ask(static_cast<UsbtmcRequest>(99), 0, 8), "stall");
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1, kIn), "stall") << "it is for the interface";
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, 1, 2), "stall") << "for an endpoint";
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, 1, 2, kOut), "stall");
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_out, 1, 2, kIn), "stall");
}

TEST_F(UsbtmcControlTest, AnAbortOfBulkInNeedsATransfer) {
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, 1, 2, kIn), usb_bytes({0x80, 0}));
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(3);
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag + 1, 2, kIn), usb_bytes({0x81, tag}));
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, kIn), usb_bytes({1, tag}));
  EXPECT_EQ(ask(UsbtmcRequest::check_abort_bulk_in_status, 0, 8, kIn),
            usb_bytes({2, 1, 0, 0, 0, 0, 0, 0}))
      << "a short packet has still to be read";
  EXPECT_EQ(receive()->data, "");
  EXPECT_EQ(ask(UsbtmcRequest::check_abort_bulk_in_status, 0, 8, kIn),
            usb_bytes({1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(query("*OPC?"), "1\n");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcControlTest, AnAbortOfBulkInSaysHowMuchHasGone) {
  fault(kUsbHoldFault, {.bytes = 1200, .count = 1});
  EXPECT_EQ(write("CURV?"), UsbStatus::success);
  request(5000);
  EXPECT_FALSE(receive(8192));
  device->cancel(last_id);
  finished.clear();
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, kIn), usb_bytes({1, tag}));
  EXPECT_EQ(receive()->data, "");
  const std::string status = ask(UsbtmcRequest::check_abort_bulk_in_status, 0, 8, kIn);
  EXPECT_EQ(status, usb_bytes({1, 0, 0, 0, (1024 - 12) & 0xFF, (1024 - 12) >> 8, 0, 0}));
  EXPECT_EQ(query("*OPC?"), "1\n");
}

TEST_F(UsbtmcControlTest, ARequestThatNobodyAnswersIsUnterminated) {
  request(10);
  EXPECT_FALSE(receive());
  device->cancel(last_id);
  finished.clear();
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, kIn), usb_bytes({1, tag}));
  EXPECT_EQ(receive()->data, "");
  EXPECT_EQ(query("SYST:ERR?").substr(0, 5), "-420,");
}

TEST_F(UsbtmcControlTest, AnAbortOfBulkOutForgetsTheMessageAndHaltsTheEndpoint) {
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_out, 1, 2, kOut), usb_bytes({0x80, 0}));
  fault(kUsbNakFault, {.bytes = 17, .count = 1});
  EXPECT_FALSE(send(message("*ESE 77;*ESE?")));
  device->cancel(last_id);
  EXPECT_EQ(take()->taken, 17U);
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_out, tag + 1, 2, kOut), usb_bytes({0x81, tag}));
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_out, tag, 2, kOut), usb_bytes({1, tag}));
  EXPECT_EQ(ask(UsbtmcRequest::check_abort_bulk_out_status, 0, 8, kOut),
            usb_bytes({1, 0, 0, 0, 5, 0, 0, 0}));
  EXPECT_EQ(write("*OPC?"), UsbStatus::stall);
  device->clear_halt(UsbtmcFunction::kOut);
  EXPECT_EQ(query("*ESE?"), "0\n");
}

TEST_F(UsbtmcControlTest, AClearEmptiesEverythingAndHaltsBulkOut) {
  EXPECT_EQ(write("*ESE 5;*IDN?"), UsbStatus::success);
  request(100);
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1), "\x01");
  EXPECT_EQ(ask(UsbtmcRequest::check_clear_status, 0, 2), usb_bytes({1, 0}));
  EXPECT_EQ(one->state.clears, 1U);
  EXPECT_EQ(write("*OPC?"), UsbStatus::stall) << "until the host clears the halt";
  device->clear_halt(UsbtmcFunction::kOut);
  tag = static_cast<std::uint8_t>(tag - 1);
  EXPECT_EQ(query("*ESE?"), "5\n");
  EXPECT_EQ(query("SYST:ERR?").substr(0, 2), "0,");
}

TEST_F(UsbtmcControlTest, AClearMayTakeTimeAndLeaveAPacketToRead) {
  plug_in("[usb]\nclear_ms = 20\nclear_drains = true\n");
  EXPECT_EQ(ask(UsbtmcRequest::initiate_clear, 0, 1), "\x01");
  EXPECT_EQ(ask(UsbtmcRequest::check_clear_status, 0, 2), usb_bytes({2, 0}));
  const auto end = Clock::now() + std::chrono::seconds(10);
  std::string status;
  while ((status = ask(UsbtmcRequest::check_clear_status, 0, 2)) == usb_bytes({2, 0}) &&
         Clock::now() < end) {
  }
  EXPECT_EQ(status, usb_bytes({2, 1}));
  EXPECT_EQ(receive()->data, "");
  EXPECT_EQ(ask(UsbtmcRequest::check_clear_status, 0, 2), usb_bytes({1, 0}));
}

TEST_F(UsbtmcControlTest, StatusBytesComeByTheInterruptEndpoint) {
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 5, 3), usb_bytes({1, 5, 0}));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 6, 3), usb_bytes({0x20, 6, 0}))
      << "the first one waits to be read";
  EXPECT_EQ(interrupt_packet(), usb_bytes({0x85, 0x10}));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 127, 3), usb_bytes({1, 127, 0}));
  EXPECT_EQ(interrupt_packet(), usb_bytes({0xFF, 0x10}));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 1, 3), usb_bytes({0x80, 1, 0}));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 128, 3), usb_bytes({0x80, 128, 0}));
  EXPECT_EQ(one->state.violations, 2U);
}

TEST_F(UsbtmcControlTest, StatusBytesComeByTheRequestWhereThereIsNoSuchEndpoint) {
  plug_in("[usb]\ninterrupt = false\n");
  EXPECT_EQ(device->functions()[0]->layout().endpoints.size(), 2U);
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 2, 3), usb_bytes({1, 2, 0x10}));
  EXPECT_EQ(read(), kUsbIdentity);
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 3, 3), usb_bytes({1, 3, 0}));
}

TEST_F(UsbtmcControlTest, ARequestForServiceIsAPacketOfItsOwn) {
  EXPECT_EQ(write("*ESE 1;*SRE 32;*OPC"), UsbStatus::success);
  const std::string packet = interrupt_packet();
  ASSERT_EQ(packet.size(), 2U);
  EXPECT_EQ(packet[0], '\x81');
  EXPECT_EQ(packet[1] & 0x60, 0x60);
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 2, 3), usb_bytes({1, 2, 0}));
  EXPECT_EQ(interrupt_packet(), usb_bytes({0x82, 0x60}));
  EXPECT_EQ(ask(UsbtmcRequest::read_status_byte, 3, 3), usb_bytes({1, 3, 0}));
  EXPECT_EQ(interrupt_packet(), usb_bytes({0x83, 0x20})) << "the poll has answered it";
  EXPECT_EQ(interrupt_packet(), "nothing");
}

TEST_F(UsbtmcControlTest, RemoteAndLocal) {
  EXPECT_EQ(ask(UsbtmcRequest::ren_control, 1, 1), "\x01");
  EXPECT_TRUE(one->state.ren);
  EXPECT_EQ(ask(UsbtmcRequest::local_lockout, 0, 1), "\x01");
  EXPECT_TRUE(one->state.lockout);
  EXPECT_EQ(write("*CLS"), UsbStatus::success);
  EXPECT_TRUE(one->state.remote);
  EXPECT_EQ(ask(UsbtmcRequest::go_to_local, 0, 1), "\x01");
  EXPECT_FALSE(one->state.remote);
  EXPECT_EQ(ask(UsbtmcRequest::ren_control, 0, 1), "\x01");
  EXPECT_FALSE(one->state.lockout);
  plug_in("[usb]\ncapabilities = [\"scpi\"]\n");
  for (const auto request :
       {UsbtmcRequest::ren_control, UsbtmcRequest::go_to_local, UsbtmcRequest::local_lockout}) {
    EXPECT_EQ(ask(request, 0, 1), "stall");
  }
}

TEST_F(UsbtmcControlTest, PulsesAreCounted) {
  EXPECT_EQ(ask(UsbtmcRequest::indicator_pulse, 0, 1), "\x01");
  EXPECT_EQ(ask(UsbtmcRequest::indicator_pulse, 0, 1), "\x01");
  EXPECT_EQ(one->state.indicator_pulses, 2U);
}

TEST_F(UsbtmcControlTest, RequestsOfVendorsKeepAndEcho) {
  EXPECT_EQ(control(0x41, 1, 0, 0, 5, "hello")->status, UsbStatus::success);
  EXPECT_EQ(control(0xC1, 1, 0, 0, 100)->data, "hello");
  EXPECT_EQ(control(0xC0, 2, 0x1234, 0, 8)->data, usb_bytes({0xC0, 2, 0x34, 0x12, 0, 0, 8, 0}));
  EXPECT_EQ(control(0xC0, 3, 0, 0, 8)->status, UsbStatus::stall);
  EXPECT_EQ(control(0x41, 1, 0, 0, 5000, std::string(5000, 'x'))->status, UsbStatus::stall);
}

TEST_F(UsbtmcControlTest, PacketsOfTheVendorsOwnAreBounded) {
  EXPECT_TRUE(one->usbtmc->interrupt("\x05\x06"));
  EXPECT_EQ(interrupt_packet(), "\x05\x06");
  EXPECT_FALSE(one->usbtmc->interrupt(""));
  for (int i = 0; i < 100; ++i) one->usbtmc->interrupt("x");
  int count = 0;
  while (interrupt_packet() == "x") ++count;
  EXPECT_EQ(count, 64);
}

TEST_F(UsbtmcControlTest, APacketThatHasNoRoomIsBabble) {
  one->usbtmc->interrupt("abc");
  EXPECT_EQ(receive(2, UsbtmcFunction::kInterrupt)->status, UsbStatus::babble);
}

}  // namespace
}  // namespace visa::sim
