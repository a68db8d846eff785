// SPDX-License-Identifier: MIT
// The bulk-OUT endpoint: messages in one transfer and in several, and what a host must not do.
#include "tools/sim/usb/usbtmc_function.h"

#include "conformance/unit/tools/sim/usb/usb_rig.h"

namespace visa::sim {
namespace {

class UsbtmcFunctionTest : public UsbRig {};

TEST_F(UsbtmcFunctionTest, AQueryIsTwoTransfersOutAndOneIn) {
  EXPECT_EQ(query("*IDN?"), kUsbIdentity);
  EXPECT_TRUE(end_of_message());
  EXPECT_EQ(last_header.at(1), 2) << "the tag of the request";
  EXPECT_EQ(one->state.bulk_out_transfers, 2U);
  EXPECT_EQ(one->state.bulk_in_transfers, 1U);
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, TagsWrap) {
  for (int i = 0; i < 300; ++i) ASSERT_EQ(query("*OPC?"), "1\n");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, AMessageMayComeInSeveralTransfers) {
  EXPECT_EQ(write("*ID", false), UsbStatus::success);
  EXPECT_EQ(write("N?"), UsbStatus::success);
  EXPECT_EQ(read(), kUsbIdentity);
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, ATransferMayComeInSeveralPieces) {
  const std::string text = "TEXT \"" + std::string(3000, 'x') + "\"";
  const std::string bytes = message(text);
  EXPECT_TRUE(send(bytes.substr(0, 512)));
  EXPECT_TRUE(send(bytes.substr(512, 1024)));
  EXPECT_TRUE(send(bytes.substr(1536)));
  EXPECT_EQ(query("TEXT?"), "\"" + std::string(3000, 'x') + "\"\n");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, WhatIsNoHeaderHaltsTheEndpointUntilThatIsCleared) {
  for (const std::string& bytes :
       {std::string("short"), usb_bytes({9, 1, 254, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'x', 0, 0, 0})}) {
    const auto done = send(bytes);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, UsbStatus::stall);
    EXPECT_EQ(done->taken, 0U);
    EXPECT_EQ(write("*CLS"), UsbStatus::stall);
    device->clear_halt(UsbtmcFunction::kOut);
  }
  tag = 0;
  EXPECT_EQ(query("*IDN?"), kUsbIdentity);
  EXPECT_EQ(one->state.violations, 2U);
}

TEST_F(UsbtmcFunctionTest, WhatAHostMustNotDoIsCounted) {
  EXPECT_EQ(query("*IDN?"), kUsbIdentity);
  tag = 9;
  EXPECT_EQ(query("*IDN?"), kUsbIdentity) << "a tag that is not the next one";
  EXPECT_EQ(one->state.violations, 1U);
  std::string bytes = message("*CLS!");
  bytes.back() = 'x';
  EXPECT_TRUE(send(bytes));
  EXPECT_EQ(one->state.violations, 2U) << "padding that is not zero";
  EXPECT_TRUE(send(message("*CLS") + "more"));
  EXPECT_EQ(one->state.violations, 3U) << "bytes after the padding";
  bytes = message("*CLS!");
  const auto done = send(bytes.substr(0, bytes.size() - 3));
  EXPECT_EQ(one->state.violations, 4U) << "no padding";
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, UsbStatus::success);
  EXPECT_TRUE(send({}));
  EXPECT_EQ(one->state.violations, 5U) << "an empty packet";
  EXPECT_EQ(query("*OPC?"), "1\n");
}

TEST_F(UsbtmcFunctionTest, ATransferThatEndsInItsDataHaltsTheEndpoint) {
  const auto done = send(message("*ESE 5").substr(0, 15));
  ASSERT_TRUE(done);
  EXPECT_EQ(one->state.violations, 1U);
  EXPECT_EQ(write("*CLS"), UsbStatus::stall);
}

TEST_F(UsbtmcFunctionTest, AMessageOverAnOpenRequestIsCountedAndDropsTheRequest) {
  request(100);
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(one->state.violations, 1U);
  EXPECT_FALSE(receive()) << "nobody asks for the answer";
  device->cancel(last_id);
  finished.clear();
  EXPECT_EQ(read(), kUsbIdentity);
}

TEST_F(UsbtmcFunctionTest, AMessageThatMeetsAnUnreadAnswerInterruptsIt) {
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(query("*OPC?"), "1\n");
  EXPECT_EQ(query("SYST:ERR?").substr(0, 5), "-410,");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, AMessageWithoutDataMayEndOne) {
  EXPECT_EQ(write("*IDN?", false), UsbStatus::success);
  EXPECT_EQ(write("", true), UsbStatus::success);
  EXPECT_EQ(one->state.violations, 1U);
  EXPECT_EQ(read(), kUsbIdentity);
}

TEST_F(UsbtmcFunctionTest, ATriggerIsExecuted) {
  const auto done = send(header(UsbtmcId::trigger, 0));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, UsbStatus::success);
  EXPECT_EQ(query("SYST:ERR?").substr(0, 2), "0,");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, WhatTheDeviceDoesNotHaveHaltsTheEndpoint) {
  plug_in("[usb]\ncapabilities = [\"488.2\"]\n");
  for (const UsbtmcId id : {UsbtmcId::trigger, UsbtmcId::vendor_specific_in}) {
    const auto done = send(header(id, id == UsbtmcId::trigger ? 0 : 5));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->status, UsbStatus::stall);
    device->clear_halt(UsbtmcFunction::kOut);
  }
}

TEST_F(UsbtmcFunctionTest, VendorMessagesComeBack) {
  plug_in("[usb]\nvendor_messages = true\n");
  EXPECT_TRUE(send(header(UsbtmcId::vendor_specific_out, 5) + "hello" + std::string(3, '\0')));
  EXPECT_TRUE(send(header(UsbtmcId::vendor_specific_in, 3)));
  const auto first = receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->data.substr(kUsbtmcHeader), "hel");
  EXPECT_EQ(first->data[0], 127);
  EXPECT_TRUE(send(header(UsbtmcId::vendor_specific_in, 100)));
  EXPECT_EQ(receive()->data.substr(kUsbtmcHeader), "lo");
}

TEST_F(UsbtmcFunctionTest, ADeviceMayWantToBeRemote) {
  plug_in("[usb]\nneeds_remote = true\n");
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(read(), "nothing");
  device->cancel(last_id);
  finished.clear();
  EXPECT_EQ(ask(UsbtmcRequest::initiate_abort_bulk_in, tag, 2, UsbtmcFunction::kIn)[0], 1);
  EXPECT_TRUE(receive()) << "the empty packet after an abort";
  EXPECT_EQ(ask(UsbtmcRequest::ren_control, 1, 1), "\x01");
  EXPECT_EQ(query("*IDN?"), kUsbIdentity);
  EXPECT_TRUE(one->state.remote);
}

TEST_F(UsbtmcFunctionTest, AResetIsANewBeginning) {
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(10);
  device->reset();
  tag = 0;
  EXPECT_EQ(query("*OPC?"), "1\n");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcFunctionTest, ADropFromOutsideUnplugsIt) {
  instrument->links().front()->drop(false);
  settle();
  ASSERT_TRUE(unplugged);
  EXPECT_FALSE(*unplugged);
}

}  // namespace
}  // namespace visa::sim
