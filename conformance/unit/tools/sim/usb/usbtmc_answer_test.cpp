// SPDX-License-Identifier: MIT
// The bulk-IN endpoint: how much comes, and how a transfer ends.
#include "conformance/unit/tools/sim/usb/usb_rig.h"
#include "tools/sim/usb/usbtmc_function.h"

namespace visa::sim {
namespace {

class UsbtmcAnswerTest : public UsbRig {
 protected:
  // An answer of so many bytes.
  std::string text_of(std::size_t size) {
    EXPECT_EQ(write("TEXT \"" + std::string(size - 3, 'x') + "\""), UsbStatus::success);
    EXPECT_EQ(write("TEXT?"), UsbStatus::success);
    return "\"" + std::string(size - 3, 'x') + "\"\n";
  }
};

TEST_F(UsbtmcAnswerTest, NoMoreComesThanIsAskedFor) {
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  EXPECT_EQ(read(3), "A,B");
  EXPECT_FALSE(end_of_message());
  EXPECT_EQ(read(5), ",C,D\n");
  EXPECT_TRUE(end_of_message());
}

TEST_F(UsbtmcAnswerTest, ADeviceMayHaveLittleMemory) {
  plug_in("[usb]\nlargest_answer = 4\n");
  EXPECT_EQ(query("*IDN?"), "A,B,");
  EXPECT_EQ(read(), "C,D\n");
}

TEST_F(UsbtmcAnswerTest, AFullLastPacketIsFollowedByAnEmptyOne) {
  const std::string text = text_of(1024 - kUsbtmcHeader);
  request(4096);
  const auto done = receive(8192);
  ASSERT_TRUE(done) << "the empty packet ends it";
  EXPECT_EQ(done->data.substr(kUsbtmcHeader), text);
  EXPECT_EQ(write("TEXT?"), UsbStatus::success);
  request(4096);
  ASSERT_EQ(receive(1024)->data.size(), 1024U) << "there was no room for it";
  EXPECT_EQ(receive(8192)->data, "");
  EXPECT_EQ(query("*OPC?"), "1\n");
  EXPECT_EQ(one->state.violations, 0U);
}

TEST_F(UsbtmcAnswerTest, APacketThatHasNoRoomIsBabble) {
  text_of(600);
  request(4096);
  const auto done = receive(100);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, UsbStatus::babble);
}

TEST_F(UsbtmcAnswerTest, ATerminationCharacterEndsIt) {
  EXPECT_EQ(write("*IDN?"), UsbStatus::success);
  request(100, 2, ',');
  auto done = receive();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->data.substr(kUsbtmcHeader), "A,");
  EXPECT_EQ(done->data[8], 2);
  request(100, 2, 'D');
  EXPECT_EQ(receive()->data.substr(kUsbtmcHeader), "B,C,D");
  request(100, 2, '\n');
  done = receive();
  EXPECT_EQ(done->data.substr(kUsbtmcHeader), "\n");
  EXPECT_EQ(done->data[8], 3) << "and the message ends";
}

TEST_F(UsbtmcAnswerTest, AnAnswerThatComesLaterIsWaitedFor) {
  EXPECT_EQ(write("LATE?"), UsbStatus::success);
  request(100);
  EXPECT_FALSE(receive());
  const auto done = wait();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->data.substr(kUsbtmcHeader), "late\n");
}

TEST_F(UsbtmcAnswerTest, ATransferThatIsCancelledHasWhatCame) {
  fault(kUsbHoldFault, {.bytes = 600});
  text_of(2000);
  request(4096);
  EXPECT_FALSE(receive(8192));
  ASSERT_TRUE(device->cancel(last_id));
  const auto done = take();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, UsbStatus::cancelled);
  EXPECT_EQ(done->data.size(), 512U);
  EXPECT_FALSE(device->cancel(last_id));
}

TEST_F(UsbtmcAnswerTest, FaultsOfAnswersWorkAsOnEveryWire) {
  fault(kTruncateFault, {.bytes = 3, .count = 1});
  EXPECT_EQ(query("*IDN?"), "A,B");
  EXPECT_FALSE(end_of_message());
  fault(kSplitFault, {.pieces = 2, .count = 1});
  EXPECT_EQ(query("*IDN?"), kUsbIdentity) << "in one transfer, where both pieces are there";
  fault(kDropFault, {.count = 1});
  EXPECT_EQ(query("*IDN?"), "nothing");
  settle();
  EXPECT_TRUE(unplugged);
}

TEST_F(UsbtmcAnswerTest, AnEndlessAnswerNeverSaysEnd) {
  const std::uint32_t id = fault(kEndlessFault);
  EXPECT_EQ(query("*IDN?").size(), 65000U);
  EXPECT_FALSE(end_of_message());
  EXPECT_EQ(read().size(), 65000U);
  no_fault(id);
  std::string rest;
  for (int i = 0; i < 10 && !end_of_message(); ++i) rest = read();
  EXPECT_TRUE(end_of_message());
  EXPECT_EQ(query("*OPC?"), "1\n");
}

TEST_F(UsbtmcAnswerTest, EachSpeedHasItsPackets) {
  for (const auto& [speed, packet] : {std::pair("full", 64), {"high", 512}, {"super", 1024}}) {
    plug_in(std::string("[usb]\nspeed = \"") + speed + "\"\n");
    EXPECT_EQ(device->endpoint(UsbtmcFunction::kIn)->packet, packet);
    tag = 0;
    text_of(static_cast<std::size_t>(packet) * 4);
    EXPECT_EQ(read().size(), static_cast<std::size_t>(packet) * 4) << speed;
  }
}

}  // namespace
}  // namespace visa::sim
