// SPDX-License-Identifier: MIT
// Answers that a wire has taken and the client has not read yet.
#include <gtest/gtest.h>

#include "tools/sim/description/described_instrument.h"
#include "tools/sim/engine/link.h"

namespace visa::sim {
namespace {

struct Events : LinkEvents {
  void on_interrupted() override { ++interrupted; }
  void on_service_request() override { ++requests; }
  int interrupted = 0;
  int requests = 0;
};

class LinkInFlightTest : public ::testing::Test {
 protected:
  // The wire takes the answer there is.
  std::string take() {
    const std::string bytes = link.output().take(1000).bytes;
    link.note_in_flight(true);
    return bytes;
  }
  DescribedInstrument instrument{
      read_description("[instrument]\nname = \"x\"\nidentity = \"A,B,1,1\"\n", "x.toml")};
  Events events;
  Link link{instrument, Exchange::strict, &events};
};

TEST_F(LinkInFlightTest, IsAvailableUntilItIsRead) {
  link.receive("*OPC?\n", true);
  EXPECT_EQ(take(), "1\n");
  EXPECT_TRUE(link.message_available());
  EXPECT_EQ(link.serial_poll() & 0x10, 0x10);
  link.note_in_flight(false);
  EXPECT_FALSE(link.message_available());
  EXPECT_EQ(link.serial_poll() & 0x10, 0);
  link.receive("SYST:ERR?\n", true);
  EXPECT_EQ(take(), "0,\"No error\"\n");
  EXPECT_EQ(events.interrupted, 0);
}

TEST_F(LinkInFlightTest, TheLinkIsIdleOnceTheWireHasTakenTheAnswer) {
  EXPECT_TRUE(link.idle());
  link.receive("*OP", false);
  EXPECT_FALSE(link.idle()) << "part of a message";
  link.receive("C?\n", true);
  EXPECT_FALSE(link.idle()) << "an answer";
  take();
  EXPECT_TRUE(link.idle()) << "what is in flight is the wire's";
  link.note_in_flight(false);
  link.delay(std::chrono::hours(1));
  link.receive("*OPC?\n", true);
  EXPECT_FALSE(link.idle()) << "an answer that comes later";
  link.device_clear();
  EXPECT_TRUE(link.idle());
}

TEST_F(LinkInFlightTest, IsInterruptedByTheNextMessage) {
  link.receive("*OPC?\n", true);
  take();
  link.receive("*CLS", false);
  EXPECT_EQ(events.interrupted, 1) << "by its first byte, and once";
  EXPECT_FALSE(link.message_available());
  link.receive("", true);  // END alone
  EXPECT_FALSE(link.interrupt()) << "there is nothing unread";
  link.receive("*OPC?\n", true);
  take();
  EXPECT_TRUE(link.interrupt());
  EXPECT_EQ(events.interrupted, 2);
  link.receive("SYST:ERR?\n", true);
  EXPECT_EQ(take(), "-410,\"Query INTERRUPTED\"\n");
}

TEST_F(LinkInFlightTest, RequestsServiceOncePerAnswer) {
  link.receive("*SRE 16\n", true);
  for (int i = 1; i <= 3; ++i) {
    link.receive("*OPC?\n", true);
    take();
    EXPECT_EQ(events.requests, i);
    link.note_in_flight(false);
  }
}

TEST_F(LinkInFlightTest, DeviceClearForgetsItAndTheExchangeMayChange) {
  link.receive("*OPC?\n", true);
  take();
  link.device_clear();
  EXPECT_FALSE(link.message_available());
  link.set_exchange(Exchange::stream);
  link.receive("*OPC?\n*ESE?\n", true);
  EXPECT_TRUE(link.accepting());
  EXPECT_EQ(link.output().take(1000).bytes, "1\n");
  EXPECT_EQ(link.output().take(1000).bytes, "0\n");
  EXPECT_EQ(events.interrupted, 0);
}

}  // namespace
}  // namespace visa::sim
